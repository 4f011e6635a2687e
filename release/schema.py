"""Makes the repeated SQL from cleanflow/records: `python3 -m release schema`.

It runs at development time only; what it writes is read by a person and committed. Made are the tables of the
synchronised records, the triggers that keep them as they are and those of the audit trail, the seeds, the
tables of server/schema.sql between its two marks, and the step of each later format. Rules of the business
and derived sums are written by hand beside them. sql/FROZEN names the steps that were released: those are
never written again.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from cleanflow import records
from cleanflow.records.chart import CATEGORIES, CHART
from cleanflow.records.checks import rules_of
from cleanflow.records.people import SHOP_SETTINGS
from cleanflow.records.types import MAX_EXTRA, NO_DEVICE, Field, Kind, Record

_WIDTH: Final = 110
_MADE: Final = (
    "-- Made from cleanflow/records by `python3 -m release schema`:"
    " change the declaration, not this file.\n\n"
)
_BEGIN: Final = "-- >>> made from cleanflow/records by `python3 -m release schema`"
_END: Final = "-- <<< made"
_EPOCH: Final = "1970-01-01T00:00:00.000000Z"
_STAMP: Final = "GLOB '????-??-??T??:??:??.??????Z'"
_STAMPED: Final = f"'{_EPOCH}', '{_EPOCH}',\n       '{NO_DEVICE}', 'SYNCED'"

Declared = Mapping[str, Record]


def files(declared: Declared = records.RECORDS, latest: int = records.FORMAT) -> dict[str, str]:
    """Path below the checkout -> its text, of every file that is made whole."""
    made = {
        "sql/0001_books/20_records.sql": _MADE + _join(map(local_table, _of(declared, 1))),
        "sql/0001_books/30_immutable.sql": _MADE + _IMMUTABLE + _join(map(immutable, _of(declared, 1))),
        "sql/0001_books/40_audit.sql": _MADE + _AUDIT + _join(map(audit, _audited(_of(declared, 1)))),
        "sql/0001_books/80_seed.sql": _MADE + seeds(declared),
    }
    for step in range(2, latest + 1):
        if text := local_step(declared, step):
            made[f"sql/{step:04d}_records/10_records.sql"] = _MADE + text
        if text := server_step(declared, step):
            made[f"server/schema_{step}.sql"] = _MADE + text
    return made


def server_part(declared: Declared = records.RECORDS) -> str:
    """What stands between the two marks of server/schema.sql."""
    first = _of(declared, 1)
    return f"{_server_names(first)}\n\n{_join(map(server_table, first))}"


def _of(declared: Declared, since: int) -> list[Record]:
    return [record for record in declared.values() if record.since == since]


def _audited(some: Iterable[Record]) -> list[Record]:
    return [record for record in some if record.is_audited]


def _join(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _listed(words: Iterable[str], indent: str = "    ") -> str:
    """Words with commas, in lines of the usual width."""
    return textwrap.fill(
        ", ".join(words),
        _WIDTH - 10,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _aligned(lines: Iterable[tuple[str, str]]) -> str:
    """(SQL, comment) lines, the comments after them."""
    told = list(lines)
    return "".join(
        f"{sql}{',' if place < len(told) - 1 else ''}{f'  -- {note}' if note else ''}\n"
        for place, (sql, note) in enumerate(told)
    )


# --- the local tables -----------------------------------------------------------------------------------


def local_table(record: Record) -> str:
    """CREATE TABLE, and the index of what has still to be sent."""
    width = max(len(field.name) for field in record.fields)
    width = max(width, len("sync_status"))
    lines = [
        (f"    {field.name:{width}} {_local_column(record, field)}", field.note) for field in record.fields
    ]
    lines += [
        (
            f"    {'sync_status':{width}} TEXT NOT NULL DEFAULT 'PENDING'"
            " CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED'))",
            "",
        ),
        (f"    {'sync_error':{width}} TEXT", "the server's reason for a refusal"),
    ]
    lines += [(f"    UNIQUE ({', '.join(unique.columns)})", "") for unique in record.uniques]
    lines += [(f"    CHECK ({rule.sql})", "") for rule in record.rules]
    note = f"-- {record.note}\n" if record.note else ""
    order = "updated_at" if record.is_fact else "created_at"
    return (
        f"{note}CREATE TABLE {record.name} (\n{_aligned(lines)}) STRICT;\n"
        f"CREATE INDEX {record.name}_unsynced ON {record.name} ({order}) WHERE sync_status <> 'SYNCED';\n"
    )


def _local_column(record: Record, field: Field) -> str:
    kind = "INTEGER" if field.kind in (Kind.INTEGER, Kind.MONEY, Kind.BOOL) else "TEXT"
    if field.name == "id":
        default = f" DEFAULT {record.id_default}" if record.id_default else ""
        return f"TEXT PRIMARY KEY{default} CHECK (length(id) = 36)"
    parts = [kind]
    if not field.nullable:
        parts.append("NOT NULL")
    parts += _default(field)
    if field.points_to:
        parts.append(f"REFERENCES {field.points_to} (id)")
    check = _fact_time(record, field) or _LOCAL_CHECKS.get(field.kind, _no_check)(field)
    return " ".join([*parts, f"CHECK ({check})"] if check else parts)


def _fact_time(record: Record, field: Field) -> str:
    return "updated_at = created_at" if record.is_fact and field.name == "updated_at" else ""


def _default(field: Field) -> list[str]:
    if field.kind is Kind.BOOL:
        return ["DEFAULT 1"]
    is_plain = field.kind is Kind.TEXT and not (field.low or field.nullable or field.secret_as)
    return ["DEFAULT ''"] if is_plain else []


def _no_check(_field: Field) -> str:
    return ""


def _check_text(field: Field) -> str:
    if field.choices:
        return f"{field.name} IN ({', '.join(repr(one) for one in field.choices)})"
    length = f"length(trim({field.name}))" if field.trimmed else f"length({field.name})"
    return f"{length} BETWEEN {field.low} AND {field.high}" if field.low else f"{length} <= {field.high}"


def _check_number(field: Field) -> str:
    return f"{field.name} BETWEEN {field.low} AND {field.high}"


def _check_json(field: Field) -> str:
    valid = f"json_valid({field.name})"
    return f"{field.name} IS NULL OR {valid}" if field.nullable else valid


_LOCAL_CHECKS: Final[Mapping[Kind, Callable[[Field], str]]] = {
    Kind.TEXT: _check_text,
    Kind.INTEGER: lambda field: f"{field.name} > 0",
    Kind.MONEY: _check_number,
    Kind.BOOL: lambda field: f"{field.name} IN (0, 1)",
    Kind.DATE: lambda field: f"{field.name} IS date(julianday({field.name}))",
    Kind.TIMESTAMP: lambda field: f"{field.name} {_STAMP}",
    Kind.JSON: _check_json,
    Kind.EXTRA: lambda field: (
        "extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object'"
        f" AND length(extra) <= {MAX_EXTRA})"
    ),
    Kind.HASH: lambda field: f"length({field.name}) = 64",
}


# --- what keeps them as they are --------------------------------------------------------------------------

_IMMUTABLE: Final = """\
-- Facts are never edited, nothing is ever deleted, and REPLACE (a delete in disguise, which fires no
-- delete trigger unless recursive_triggers is on) meets a guard of its own. RAISE(ABORT) and not
-- ROLLBACK, which would destroy the savepoints of the operation around it.
-- Of a fact no column but those of the synchronisation may change. Of a record who made it, and when, stays;
-- an edit made here is newer than what it edits and is sent again. (A merge may set updated_at back: the
-- server caps a clock that is years ahead.)
-- What a former identity of this PC has not sent yet may be given the present one: see 70_rules.sql.

"""


def _not_reissued(record: Record) -> str:
    """Under which condition the row is kept as it is; see 70_rules.sql.

    What this PC's own closings tell of the former identity's entries follows those.
    """
    own = ", device_id" if "heads" in record.names else ""
    return (
        "WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL"
        f" OR OLD.device_id NOT IN (reissuing_from{own}) FROM app_settings)"
    )


def immutable(record: Record) -> str:
    """The triggers against change, deletion and replacement."""
    table = record.name
    fixed = [
        name
        for name in record.names
        if record.is_fact or name not in (*record.editable, "updated_at", "written_by")
    ]
    code = record.frozen_as or ("fact_immutable" if record.is_fact else "record_immutable")
    gone = record.frozen_as or ("fact_immutable" if record.is_fact else "record_permanent")
    made = [
        f"CREATE TRIGGER {table}_before_update_immutable BEFORE UPDATE OF\n{_listed(fixed)}\n"
        f"ON {table} {_not_reissued(record)}\nBEGIN SELECT RAISE(ABORT, '{code}'); END;\n"
    ]
    if not record.is_fact:
        made.append(
            f"CREATE TRIGGER {table}_before_update_stale BEFORE UPDATE OF\n{_listed(record.editable)}\n"
            f"ON {table} WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')\n"
            "    AND (SELECT is_merging FROM app_settings) = 0\n"
            "BEGIN SELECT RAISE(ABORT, 'stale_update'); END;\n"
        )
    made.append(
        f"CREATE TRIGGER {table}_before_delete BEFORE DELETE ON {table}\n"
        f"BEGIN SELECT RAISE(ABORT, '{gone}'); END;\n"
    )
    made.append(
        f"CREATE TRIGGER {table}_before_insert_exists BEFORE INSERT ON {table} WHEN EXISTS (\n"
        f"    SELECT 1 FROM {table} WHERE {_same_row(record)})\n"
        "BEGIN SELECT RAISE(ABORT, 'record_exists'); END;\n"
    )
    return "".join(made)


def _same_row(record: Record) -> str:
    """The condition under which a row is there already: its id, or a number that is given once."""
    keys = [("id",), *(unique.columns for unique in record.uniques)]
    told = [" AND ".join(f"{name} = NEW.{name}" for name in key) for key in keys]
    return " OR ".join(f"({one})" if " AND " in one else one for one in told)


# --- the audit trail --------------------------------------------------------------------------------------

_AUDIT: Final = """\
-- The audit trail: who did what to which record, with the values before and after. By triggers, so that
-- no code path can forget it. Rows that arrive by synchronisation bring their own audit rows
-- (is_merging), and the seeded rows of an empty database have no author (device_id IS NULL).
-- Ledger entries are not repeated here: they carry their user and cannot change. Of the uses of payments only
-- those made apart from their payment are, as when credit settles a job.
-- A secret never enters the trail. Later fields (extra) stand beside the others.
-- VALUES with subqueries, because INSERT … SELECT inside a trigger builds a temporary table each time.

"""


def audit(record: Record) -> str:
    """The triggers that write the audit trail."""
    return _audit_insert(record) + (_audit_update(record) if record.editable else "")


def _told(record: Record, row: str, names: Iterable[str], *, with_secret: bool = False) -> str:
    """The JSON of a row's values, its later fields among them."""
    pairs = [
        f"'{field.name}', {row}.{field.name}"
        for field in (record[name] for name in names)
        if not field.unaudited and not field.secret_as and field.kind is not Kind.EXTRA
    ]
    if with_secret:
        pairs += [
            f"'{field.secret_as}', CASE WHEN NEW.{field.name} IS NOT OLD.{field.name}"
            " THEN 'changed' ELSE 'same' END"
            for field in record.fields
            if field.secret_as
        ]
    return f"json_patch(json_object(\n{_listed(pairs, ' ' * 8)}), coalesce({row}.extra, '{{}}'))"


def _audit_row(record: Record, action: str, columns: str, values: str) -> str:
    return (
        f"    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, {columns},\n"
        "                            created_at, updated_at)\n"
        "    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings),"
        f" '{action}', '{record.name}', NEW.id,\n    {values},\n"
        "        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));\n"
    )


_WRITTEN_HERE: Final = "WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)"


def _audit_insert(record: Record) -> str:
    when = f" AND {record.audited_when.format(row='NEW')}\n" if record.audited_when else ""
    return (
        f"CREATE TRIGGER {record.name}_after_insert_audit AFTER INSERT ON {record.name}\n"
        f"{_WRITTEN_HERE}\n{when}"
        f"BEGIN\n{_audit_row(record, 'INSERT', 'new_value', _told(record, 'NEW', record.names))}END;\n"
    )


def _audit_update(record: Record) -> str:
    changed = "\n      OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in record.editable)
    old = _told(record, "OLD", record.editable)
    new = _told(record, "NEW", record.editable, with_secret=True)
    return (
        f"CREATE TRIGGER {record.name}_after_update_audit AFTER UPDATE OF\n{_listed(record.editable)}\n"
        f"ON {record.name}\n{_WRITTEN_HERE}\n AND ({changed})\nBEGIN\n"
        f"{_audit_row(record, 'UPDATE', 'old_value, new_value', f'{old},{chr(10)}    {new}')}END;\n"
    )


# --- what every shop begins with --------------------------------------------------------------------------


def seeds(declared: Declared = records.RECORDS) -> str:
    """The rows that every PC starts with: their ids are fixed, so that PCs that join have one of each."""
    accounts = ",\n".join(f"    ('{number}', {_quoted(name)}, '{kind}')" for number, name, kind in CHART)
    series = ", ".join(f"('{record.series}')" for record in _of(declared, 1) if record.series)
    return f"""\
-- What every PC starts with. The ids are fixed, so that PCs that join do not give the shop three of each;
-- device_id 0… means "no PC": these rows are the same everywhere and nobody has to send them.

INSERT INTO app_settings (singleton, last_at) VALUES (1, '{_EPOCH}');
INSERT INTO sync_state (singleton) VALUES (1);
INSERT INTO reference_counters (series) VALUES {series};

WITH seed (number, name, kind) AS (VALUES
{accounts})
INSERT INTO accounts (id, device_id, name, kind, created_at, updated_at, written_by, sync_status)
SELECT '00000000-0000-4000-8000-00000000' || number, '{NO_DEVICE}', name, kind,
       {_STAMPED}
  FROM seed;

INSERT INTO expense_categories (id, device_id, name, account_id, created_at, updated_at, written_by,
                                sync_status)
SELECT '00000000-0000-4000-8001-00000000' || substr(id, 33), device_id, name, id,
       created_at, updated_at, written_by, sync_status
  FROM accounts WHERE substr(id, 33) IN ({", ".join(f"'{one}'" for one in CATEGORIES)});

{shop_settings(1)}"""


def shop_settings(step: int) -> str:
    """The settings that came with a format. A newer PC may have sent its own row of a later one already."""
    new = [(place, one) for place, one in enumerate(SHOP_SETTINGS, start=1) if one.since == step]
    if not new:
        return ""
    told = _aligned(
        (f"    ('{place:02d}', '{one.key}', {_quoted(one.default)})", one.note) for place, one in new
    ).rstrip("\n")
    is_noted = "  -- " in told.splitlines()[-1]
    absent = "" if step == 1 else "\n WHERE key NOT IN (SELECT key FROM settings)"
    made = f"""\
WITH seed (number, key, value) AS (VALUES
{told}{chr(10) if is_noted else ""})
INSERT INTO settings (id, device_id, key, value, created_at, updated_at, written_by, sync_status)
SELECT '00000000-0000-4000-8002-0000000000' || number, '{NO_DEVICE}', key, value,
       {_STAMPED}
  FROM seed{absent};
"""
    if step == 1:
        return made
    # no person's act: the audit trail has nothing of it
    return f"UPDATE app_settings SET is_merging = 1;\n{made}UPDATE app_settings SET is_merging = 0;\n"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


# --- later formats ----------------------------------------------------------------------------------------


def local_step(declared: Declared, step: int) -> str:
    """The SQL that brings a database of the format before to ``step``; "" when nothing repeated changes."""
    parts = [
        later_column(record, field)
        for record in declared.values()
        for field in record.later
        if field.since == step
    ]
    for record in _of(declared, step):
        parts += [local_table(record), immutable(record), *([audit(record)] if record.is_audited else [])]
        if record.series:
            parts.append(f"INSERT INTO reference_counters (series) VALUES ('{record.series}');\n")
    return _join(filter(None, [*parts, shop_settings(step)]))


def later_column(record: Record, field: Field) -> str:
    """A later field as a column to be read; it is kept in ``extra``.

    What came from elsewhere before this version knew the field may be of another type: that counts as absent.
    Raises ValueError for a field that always has a value: older programs leave it out.
    """
    kind = "INTEGER" if field.kind in (Kind.INTEGER, Kind.MONEY, Kind.BOOL) else "TEXT"
    is_plain = field.kind is Kind.TEXT and not (field.low or field.choices)
    if not field.nullable and not is_plain:
        raise ValueError(f"{record.name}.{field.name}: older programs leave it out, so it is nullable")
    value, absent = f"json_extract(extra, '$.{field.name}')", "NULL" if field.nullable else "''"
    return (
        f"ALTER TABLE {record.name} ADD COLUMN {field.name} {kind}\n"
        f"    AS (iif(typeof({value}) = '{kind.lower()}', {value}, {absent})) VIRTUAL;\n"
    )


def server_step(declared: Declared, step: int) -> str:
    """The SQL that makes the tables of a format on the server; later fields need nothing there."""
    new = _of(declared, step)
    if not new:
        return ""
    made = "\n".join(f"SELECT make_sync_of('{record.name}');" for record in new)
    return f"{_server_names(new)}\n\n{_join(map(server_table, new))}\n{made}\n"


# --- the server -------------------------------------------------------------------------------------------

_POSTGRES_TYPES: Final[Mapping[Kind, str]] = {
    Kind.ID: "UUID",
    Kind.TEXT: "TEXT",
    Kind.INTEGER: "BIGINT",
    Kind.MONEY: "DECIMAL(15)",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    Kind.BOOL: "BOOLEAN",
    Kind.JSON: "JSON",
    Kind.EXTRA: "JSON",
    Kind.HASH: "TEXT",
}


def _server_names(some: Iterable[Record]) -> str:
    told = ",\n".join(
        f"    ('{record.name}', 'sync_{record.one}', '{{{','.join(record.editable)}}}')" for record in some
    )
    return f"INSERT INTO synced_tables (name, function_name, editable) VALUES\n{told};"


def server_table(record: Record) -> str:
    """CREATE TABLE of PostgreSQL. The name of a constraint is the code of the refusal."""
    columns = [
        f"{field.name} {_POSTGRES_TYPES[field.kind]}{'' if field.nullable else ' NOT NULL'}"
        for field in record.fields
    ]
    columns += ["change_seq BIGINT NOT NULL", "last_writer UUID NOT NULL"]
    lines = [_listed(columns).strip(), "PRIMARY KEY (id, device_id)"]
    lines += [f"CONSTRAINT {unique.code} UNIQUE ({', '.join(unique.columns)})" for unique in record.uniques]
    lines += [f"CONSTRAINT {code} CHECK ({sql})" for code, sql in _server_checks(record).items()]
    indexed = any(field.name == "business_date" for field in record.fields)
    index = f"CREATE INDEX {record.name}_by_date ON {record.name} (business_date);\n" if indexed else ""
    body = ",\n    ".join(lines)
    return f"CREATE TABLE {record.name} (\n    {body}\n);\n{index}"


def _server_checks(record: Record) -> dict[str, str]:
    """Constraint -> condition; those of one code in one."""
    told: dict[str, list[str]] = {}
    bounds = [_check_number(field) for field in record.fields if field.kind is Kind.MONEY]
    if bounds:
        told["amount_out_of_range"] = bounds
    for rule in rules_of(record):
        told.setdefault(rule.code, []).append(rule.postgres or rule.sql)
    return {
        code: some[0] if len(some) == 1 else " AND ".join(f"({one})" for one in some)
        for code, some in told.items()
    }


# --- frozen steps -----------------------------------------------------------------------------------------


def steps(root: Path) -> dict[str, Path]:
    """The steps by name: folders of sql/, and the scripts of the server with its folder before them."""
    scripts = {f"server/{script.name}": script for script in sorted((root / "server").glob("*.sql"))}
    return {folder.name: folder for folder in sorted((root / "sql").glob("[0-9]*"))} | scripts


def digest(step: Path) -> str:
    """SHA-256 over the names and texts of a step's files."""
    total = hashlib.sha256()
    for file in sorted(step.glob("*.sql")) if step.is_dir() else [step]:
        total.update(f"{file.name}\n{file.read_text(encoding='utf-8')}\n".encode())
    return total.hexdigest()


def frozen(root: Path) -> dict[str, str]:
    """Released step -> its digest, as sql/FROZEN has them."""
    lines = (root / "sql" / "FROZEN").read_text(encoding="utf-8").splitlines()
    told = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return {name: value for value, name in told}


def changed_though_frozen(root: Path) -> list[str]:
    """The released steps that are not what was released."""
    present = steps(root)
    return [
        name for name, value in frozen(root).items() if name not in present or digest(present[name]) != value
    ]


def freeze(root: Path) -> list[str]:
    """Note the digest of every step that is not frozen yet; their names."""
    known = frozen(root)
    new = {name: step for name, step in steps(root).items() if name not in known}
    with (root / "sql" / "FROZEN").open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{digest(step)}  {name}\n" for name, step in new.items())
    return [*new]


# --- the command ------------------------------------------------------------------------------------------


def write(root: Path, declared: Declared = records.RECORDS, latest: int = records.FORMAT) -> list[str]:
    """Write what is made into the checkout at ``root``, but for frozen steps; the paths that changed."""
    known = frozen(root)
    made = {path: text for path, text in files(declared, latest).items() if _step_of(path) not in known}
    schema = (root / "server" / "schema.sql").read_text(encoding="utf-8")
    if "server/schema.sql" not in known:
        made["server/schema.sql"] = with_part(schema, server_part(declared))
    changed = []
    for path, text in made.items():
        file = root / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def _step_of(path: str) -> str:
    """The step that a made file belongs to, as sql/FROZEN calls it."""
    return path.split("/")[1] if path.startswith("sql/") else path


def with_part(schema: str, part: str) -> str:
    """server/schema.sql with ``part`` between its marks."""
    pattern = re.compile(f"(?<={re.escape(_BEGIN)}\n).*?(?={re.escape(_END)}\n)", re.DOTALL)
    new, count = pattern.subn(lambda _match: f"{part}\n", schema)
    if count != 1:
        raise ValueError("server/schema.sql has lost its marks")
    return new


def _lines(root: Path, argv: list[str]) -> Iterator[str]:
    parser = argparse.ArgumentParser(prog="python3 -m release schema", description="Make the repeated SQL.")
    parser.add_argument("--freeze", action="store_true", help="note that the steps were released")
    options = parser.parse_args(argv)
    for path in write(root):
        yield f"made {path}"
    if options.freeze:
        for name in freeze(root):
            yield f"frozen {name}"


def main(root: Path, argv: list[str]) -> int:
    """The command; the exit status."""
    for line in _lines(root, argv):
        print(line)
    return 0

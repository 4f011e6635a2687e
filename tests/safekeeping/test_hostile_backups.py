"""A file that only looks like a backup is refused quickly, and none of the SQL that it carries runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.cli import main
from cleanflow.db import Database
from cleanflow.db.copying import copy_to
from cleanflow.errors import Refusal
from cleanflow.safekeeping.restore import prepare
from tests.dao.test_properties import fingerprint

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

#: SQL that is added to a sound backup.
EVIL: dict[str, str] = {
    "a trigger that works for ever": f"""
        CREATE TRIGGER evil AFTER UPDATE ON app_settings BEGIN INSERT INTO local_settings SELECT 'x', ({ENDLESS}); END""",
    "a trigger that calls a function": """
        CREATE TRIGGER evil AFTER UPDATE ON app_settings BEGIN SELECT load_extension('/tmp/evil'); END""",
    "a view": f"CREATE VIEW evil AS {ENDLESS}",
    "an endless view of customers": f"""
        PRAGMA foreign_keys = OFF; ALTER TABLE customers RENAME TO hidden;
        CREATE VIEW customers AS SELECT hidden.* FROM hidden, ({ENDLESS})""",
    "an endless view of settings": f"""
        PRAGMA foreign_keys = OFF; ALTER TABLE settings RENAME TO hidden;
        CREATE VIEW settings AS SELECT hidden.* FROM hidden, ({ENDLESS})""",
    "an endless view of this PC": f"""
        ALTER TABLE app_settings RENAME TO hidden;
        CREATE VIEW app_settings AS SELECT hidden.* FROM hidden, ({ENDLESS})""",
    "an index that computes": "CREATE INDEX evil ON customers (hex(zeroblob(1000)) || name)",
    "a table more": "CREATE TABLE evil (x); INSERT INTO evil VALUES (zeroblob(1000000))",
    "a virtual table": "CREATE VIRTUAL TABLE evil USING fts5 (x)",
    "older, with a trigger": f"""
        CREATE TRIGGER evil AFTER UPDATE ON settings BEGIN INSERT INTO local_settings SELECT 'x', ({ENDLESS}); END;
        PRAGMA user_version = 1""",
    "older, with an endless view": f"""
        PRAGMA foreign_keys = OFF; ALTER TABLE settings RENAME TO hidden;
        CREATE VIEW settings AS SELECT hidden.* FROM hidden, ({ENDLESS}); PRAGMA user_version = 1""",
    "a newer format": "PRAGMA user_version = 2147483647",
    "a negative format": "PRAGMA user_version = -1",
    "a schema that is no SQL": """
        PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE customers (' WHERE name = 'customers'""",
    "a schema that names itself": """
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema VALUES ('view', 'evil', 'evil', 0, 'CREATE VIEW evil AS SELECT * FROM evil')""",
    "a trigger named like SQLite's own": f"""
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema VALUES ('trigger', 'sqlite_evil', 'app_settings', 0, 'CREATE TRIGGER sqlite_evil
            AFTER UPDATE ON app_settings BEGIN INSERT INTO local_settings SELECT ''x'', ({ENDLESS}); END')""",
    "a view named like SQLite's numbers": """
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema VALUES ('view', 'sqlite_stat1', 'sqlite_stat1', 0, 'CREATE VIEW sqlite_stat1 AS
            SELECT 1 AS tbl, 2 AS idx, 3 AS stat')""",
    "a view called a table of numbers": """
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema VALUES ('table', 'sqlite_stat1', 'sqlite_stat1', 0, 'CREATE VIEW sqlite_stat1 AS
            SELECT 1 AS tbl, 2 AS idx, 3 AS stat')""",
    "a trigger with the name of an index": f"""
        PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rowid = rowid * 2 + 100000;
        INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql)
            SELECT rowid - 1, 'trigger', name, 'app_settings', 0, 'CREATE TRIGGER jobs_by_date
            AFTER UPDATE ON app_settings BEGIN INSERT INTO local_settings SELECT ''x'', ({ENDLESS}); END'
              FROM sqlite_schema WHERE name = 'jobs_by_date'""",
    "a name that is no text": """
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema VALUES ('view', x'65', 'e', 0, 'CREATE VIEW e AS SELECT 1')""",
    "UTF-16": "PRAGMA encoding = 'UTF-16'",
}  # fmt: skip
HARMLESS = {"UTF-16"}  # has no effect on a file that has an encoding


def with_sql(source: Path, target: Path, sql: str) -> Path:
    shutil.copy(source, target)
    raw = sqlite3.connect(target, isolation_level=None)
    raw.execute("PRAGMA legacy_alter_table = ON")
    raw.execute("PRAGMA journal_mode = DELETE")
    try:
        raw.executescript(sql)
    finally:
        raw.close()
    return target


def assert_refused(db: Database, source: Path) -> Refusal:
    before = fingerprint(db)
    listed = sorted(path.name for path in db.path.parent.iterdir())
    started = time.monotonic()
    with pytest.raises(Refusal) as caught:
        prepare(source, db.path)
    assert time.monotonic() - started < 5
    assert fingerprint(db) == before
    assert sorted(path.name for path in db.path.parent.iterdir()) == listed, "nothing is left behind"
    return caught.value


@pytest.mark.parametrize("name", sorted({*EVIL} - HARMLESS))
def test_a_file_that_carries_sql_is_refused_before_any_of_it_runs(
    db: Database, new_shop_file: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    evil = with_sql(new_shop_file, tmp_path_factory.mktemp("evil") / "evil.db", EVIL[name])
    refusal = assert_refused(db, evil)
    assert refusal.code in ("backup_changed", "backup_damaged", "database_newer", "database_foreign")


def test_damage_of_many_pages_is_told_in_one_line(db: Database, new_shop_file: Path, tmp_path: Path) -> None:
    swap = """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'jobs')
         WHERE name IN ('payments', 'expenses')"""
    with pytest.raises(Refusal) as caught:
        prepare(with_sql(new_shop_file, tmp_path / "swapped.db", swap), db.path)
    assert caught.value.code == "backup_damaged"
    assert "\n" not in str(caught.value) and "***" not in str(caught.value)


def test_the_statistics_of_analyze_are_no_change(db: Database, new_shop_file: Path, tmp_path: Path) -> None:
    prepare(with_sql(new_shop_file, tmp_path / "counted.db", "ANALYZE"), db.path).discard()


@pytest.mark.parametrize(
    "change",
    ["DELETE FROM audit_logs"]
    + [f"UPDATE audit_logs SET created_at = '{at}', updated_at = '{at}'" for at in (
        "", "x", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z", "2026-13-99T99:99:99.999999Z")]
    + [f"UPDATE ledger_entries SET chain_number = {number} WHERE chain_number = 3" for number in (-(2**63), 2**63 - 1)]
    + ["DELETE FROM settings WHERE key = 'currency'", "UPDATE settings SET value = 'x' WHERE key = 'day_starts_at'"]
    + ["UPDATE ledger_entries SET created_at = '2026-13-99T99:99:99.999999Z'"],
)  # fmt: skip
def test_values_that_nobody_wrote_are_refused_or_told(
    shop: Database,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    change: str,
) -> None:
    folder = tmp_path_factory.mktemp("evil")
    evil = folder / "cleanflow.db"
    copy_to(shop, evil)
    raw = sqlite3.connect(evil, isolation_level=None)
    triggers = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _sql in triggers:
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute("PRAGMA ignore_check_constraints = ON")
    raw.execute(change)
    for _name, sql in triggers:
        raw.execute(sql)
    raw.close()
    try:
        prepare(evil, shop.path).discard()
    except Refusal as refusal:
        assert str(refusal)
    assert main(["--data", str(shop.path.parent), "restore", str(evil), "--look"]) in (0, 1)
    for words in ("status", "report daily", "verify"):
        assert main(["--data", str(folder), *words.split()]) in (0, 1)
    assert "Something in the program failed" not in capsys.readouterr().err


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_refused_or_told(
    db: Database, new_shop_file: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(new_shop_file.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    for _hole in range(data.draw(st.integers(0, 4)) if content else 0):
        at = data.draw(st.integers(0, len(content) - 1))
        junk = data.draw(st.binary(min_size=1, max_size=64))
        content[at : at + len(junk)] = junk
    source = tmp_path_factory.mktemp("holes") / "holes.db"
    source.write_bytes(content)
    before = fingerprint(db)
    try:
        prepare(source, db.path).discard()
    except Refusal as refusal:
        assert str(refusal)
    assert fingerprint(db) == before


def test_a_link_is_followed_and_a_device_or_folder_is_refused(
    db: Database, new_shop_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "x").mkdir()
    link = tmp_path / "x" / "link.db"
    link.symlink_to(new_shop_file)
    prepare(link, db.path).discard()
    (tmp_path / "x" / "loop.db").symlink_to(tmp_path / "x" / "loop.db")
    os.mkfifo(tmp_path / "x" / "pipe.db")
    for bad in ("loop.db", "pipe.db", ".", "nothing.db", "x" * 300, "a\0b", "\ud800"):
        with pytest.raises(Refusal):
            prepare(tmp_path / "x" / bad, db.path)
    for device in ("/dev/zero", "/dev/null", "/proc/self/mem"):
        if Path(device).exists():
            with pytest.raises(Refusal):
                prepare(Path(device), db.path)

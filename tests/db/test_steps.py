"""The steps of sql/ and the declaration agree; a released step stays what it was; every released format opens."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cleanflow import records
from cleanflow.db import open_database
from cleanflow.db.database import open_for_reading
from cleanflow.db.migrations import LATEST, expected_schema
from cleanflow.records import RECORDS
from cleanflow.records.people import CUSTOMERS, SHOP_SETTINGS
from cleanflow.records.types import (
    Field,
    Record,
    Setting,
    amount,
    choice,
    day,
    number,
    reference,
    switch,
    text,
)
from cleanflow.safekeeping.verify import verify
from release import schema
from tests.versions.later_programs import make_program, make_schema
from tests.versions.later_programs import replace as edit
from tests.versions.programs import Pc, running

ROOT = Path(__file__).resolve().parents[2]
RELEASED = sorted((ROOT / "tests/fixtures/formats").glob("*.db"))


# --- steps and declaration -----------------------------------------------------------------------------


def test_what_is_committed_is_what_the_declaration_makes() -> None:
    for path, made in schema.files().items():
        assert (ROOT / path).read_text(encoding="utf-8") == made, f"{path}: run `python3 -m release schema`"
    server = (ROOT / "server/schema.sql").read_text(encoding="utf-8")
    assert schema.with_part(server, schema.server_part()) == server, "run `python3 -m release schema`"


def test_the_steps_give_every_record_its_columns(tmp_path: Path) -> None:
    with open_database(tmp_path / "cleanflow.db", create=True) as db:
        for record in RECORDS.values():
            columns = {row["name"]: row for row in db.rows(f"PRAGMA table_xinfo({record.name})")}
            later = [field.name for field in record.later]
            assert [*columns] == [*record.names, "sync_status", "sync_error", *later], record.name
            for field in record.fields:
                assert bool(columns[field.name]["notnull"]) is not field.nullable, (record.name, field.name)
                assert columns[field.name]["hidden"] == 0
            assert {columns[name]["hidden"] for name in later} <= {2}, "virtual: kept in extra"
            pointers = {
                (row["from"], row["table"]) for row in db.rows(f"PRAGMA foreign_key_list({record.name})")
            }
            assert pointers == set(record.pointers), record.name
        assert {row[0] for row in db.rows("SELECT series FROM reference_counters")} == set(
            records.SERIES.values()
        )
        assert {row[0] for row in db.rows("SELECT key FROM settings")} == {one.key for one in SHOP_SETTINGS}


def test_every_record_is_guarded_and_told_in_the_trail() -> None:
    triggers = {name for name, sql in expected_schema().items() if sql.startswith("CREATE TRIGGER")}
    for record in RECORDS.values():
        kinds = ["before_update_immutable", "before_delete", "before_insert_exists"]
        kinds += ["before_update_stale"] if not record.is_fact else []
        kinds += ["after_insert_audit"] if record.is_audited else []
        kinds += ["after_update_audit"] if record.is_audited and record.editable else []
        assert {f"{record.name}_{kind}" for kind in kinds} <= triggers, record.name


# --- the maker, with formats to come --------------------------------------------------------------------


def _with(field: Field) -> dict[str, Record]:
    return {**RECORDS, "customers": replace(CUSTOMERS, own_fields=(*CUSTOMERS.own_fields, field))}


@pytest.mark.parametrize(
    "field",
    [
        number("points", since=2), amount("limit_minor", since=2), day("birthday", "Birthday", since=2),
        switch("is_vip", "VIP", since=2), choice("tone", "Tone", "A B", since=2), text("tag", low=1, since=2),
    ],
    ids=lambda field: field.name,
)  # fmt: skip
def test_a_later_field_that_older_programs_leave_out_must_be_one_that_may_be_absent(field: Field) -> None:
    with pytest.raises(ValueError, match=rf"customers\.{field.name}: older programs leave it out"):
        schema.files(_with(field), 2)
    made = schema.files(_with(replace(field, nullable=True)), 2)
    assert f"ALTER TABLE customers ADD COLUMN {field.name} " in made["sql/0002_records/10_records.sql"]


def test_a_later_field_changes_no_earlier_step_and_nothing_on_the_server() -> None:
    made = schema.files(_with(text("email", "E-mail", since=2)), 2)
    assert {path: made[path] for path in schema.files()} == schema.files()
    assert made.keys() - schema.files().keys() == {"sql/0002_records/10_records.sql"}
    assert schema.server_part(_with(text("email", "E-mail", since=2))) == schema.server_part()


def test_what_later_formats_bring_is_in_their_steps_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables, their number series, and settings, which a newer PC may have sent before the update."""
    vouchers = Record(
        name="vouchers", one="voucher", title="Voucher", label="reference", since=2,
        own_fields=(number("reference_number"), text("reference", "No.", 100)), **reference("V", "VOUCHER"),
    )  # fmt: skip
    before = schema.files()
    settings = (*SHOP_SETTINGS, Setting("slogan", "It's clean", "Slogan", since=2))
    monkeypatch.setattr(schema, "SHOP_SETTINGS", settings)
    made = schema.files({**RECORDS, "vouchers": vouchers}, 2)
    assert {path: made[path] for path in before} == before
    step, server = made["sql/0002_records/10_records.sql"], made["server/schema_2.sql"]
    assert "CREATE TABLE vouchers" in step and "CREATE TABLE vouchers" in server
    assert "INSERT INTO reference_counters (series) VALUES ('VOUCHER')" in step
    assert f"('{len(settings):02}', 'slogan', 'It''s clean')" in step and "key NOT IN" in step
    assert "SELECT make_sync_of('vouchers');" in server


# --- frozen steps ---------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the maker reads and writes, to be frozen and edited."""
    for room in ("sql", "server"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return tmp_path


def test_every_released_step_is_what_was_released() -> None:
    assert schema.changed_though_frozen(ROOT) == []


def test_freezing_notes_every_step_once(checkout: Path) -> None:
    assert schema.freeze(checkout) == [*schema.steps(checkout)]
    assert {"0001_books", "server/schema.sql", "server/control.sql"} <= schema.frozen(checkout).keys()
    assert schema.freeze(checkout) == []
    assert schema.changed_though_frozen(checkout) == []


@pytest.mark.parametrize(
    ("file", "step"),
    [
        ("sql/0001_books/70_rules.sql", "0001_books"),
        ("sql/0001_books/20_records.sql", "0001_books"),
        ("server/schema.sql", "server/schema.sql"),
        ("server/control_2.sql", "server/control_2.sql"),
    ],
)
def test_an_edited_released_step_is_named(checkout: Path, file: str, step: str) -> None:
    schema.freeze(checkout)
    content = (checkout / file).read_text(encoding="utf-8")
    (checkout / file).write_text(content + "-- harmless\n", encoding="utf-8")
    assert schema.changed_though_frozen(checkout) == [step]
    (checkout / file).unlink()
    assert schema.changed_though_frozen(checkout) == [step]


def test_a_file_added_to_a_released_step_is_named(checkout: Path) -> None:
    schema.freeze(checkout)
    (checkout / "sql/0001_books/99_more.sql").write_text("SELECT 1;\n", encoding="utf-8")
    assert schema.changed_though_frozen(checkout) == ["0001_books"]


def test_the_maker_writes_a_new_format_and_no_released_step(checkout: Path) -> None:
    schema.freeze(checkout)
    changed = {**_with(text("email", since=2)), "users": replace(RECORDS["users"], note="said otherwise")}
    assert schema.write(checkout, changed, 2) == ["sql/0002_records/10_records.sql"]
    assert schema.changed_though_frozen(checkout) == []
    assert schema.freeze(checkout) == ["0002_records"]
    assert schema.write(checkout, {**changed, **_with(text("mail", since=2))}, 2) == []


def test_before_a_release_the_maker_writes_what_was_declared(checkout: Path) -> None:
    changed = {**RECORDS, "users": replace(RECORDS["users"], note="said otherwise")}
    assert schema.write(checkout, changed) == ["sql/0001_books/20_records.sql"]
    assert schema.write(checkout) == ["sql/0001_books/20_records.sql"]
    assert schema.write(checkout) == []


# --- released formats -----------------------------------------------------------------------------------


def test_every_released_format_has_its_database() -> None:
    frozen = [name for name in schema.frozen(ROOT) if not name.startswith("server/")]
    assert [int(file.stem) for file in RELEASED] == [int(name[:4]) for name in sorted(frozen)]


@pytest.mark.parametrize("file", RELEASED, ids=lambda file: file.stem)
def test_a_database_of_a_released_format_opens_and_is_in_order(file: Path, tmp_path: Path) -> None:
    older = shutil.copy(file, tmp_path / "cleanflow.db")
    with open_for_reading(older) as db:
        assert db.value("PRAGMA user_version") == int(file.stem)
    with open_database(older) as db:
        assert db.value("PRAGMA user_version") == LATEST
        assert db.value("SELECT count(*) FROM jobs") > 0
        assert verify(db).findings == []


@pytest.mark.parametrize("latest", [2, 3])
def test_records_of_this_format_are_kept_by_the_next(tmp_path: Path, latest: int) -> None:
    """The way of a released database, tried with formats that are made up: nothing is lost, all is in order,
    and its backup can still be read and restored."""
    newer_folder = make_program(tmp_path / "newer", latest)
    with running(make_program(tmp_path / "this", 1), 1) as this, running(newer_folder, latest) as newer:
        pc = Pc(this, tmp_path / "shop")
        pc.do("set_up", pc_code="C1")
        ann = pc.customer("Ann", email="ann@example.org")
        pc.job(ann)
        pc.pay(ann, 400)
        pc.call("reports.closed_day.close_the_day", counted_minor=400)
        before = pc.do("contents")
        pc.do("backup", file=str(tmp_path / "older.db"))
        pc.update(newer)
        assert pc.value("PRAGMA user_version") == latest
        after: dict[str, list[list[Any]]] = pc.do("contents")
        for name, rows in before.items():
            width = len(rows[0]) if rows else 0
            assert [row[:width] for row in after[name]] == rows, name
        assert pc.rows("SELECT email FROM customers") == [["ann@example.org"]]
        assert pc.do("check") == []
        assert pc.do("look_at", file=str(tmp_path / "older.db")) == [1, 1]
        pc.do("restore", file=str(tmp_path / "older.db"))
        assert pc.rows("SELECT email FROM customers") == [["ann@example.org"]]
        assert pc.do("check") == []
        pc.do("close")


def test_settings_of_a_later_format_come_with_the_update_unless_they_are_there(tmp_path: Path) -> None:
    newer_folder = make_program(tmp_path / "newer", 2)
    people = newer_folder / "cleanflow/records/people.py"
    edit(people, "'' by number or currency\"),\n", "'' by number or currency\"),\n"
         '    Setting("slogan", "Clean", _l("Slogan"), since=2),\n    Setting("motto", "", _l("Motto"), since=2),\n')  # fmt: skip
    assert "sql/0002_records/10_records.sql" in make_schema(newer_folder)
    with running(make_program(tmp_path / "this", 1), 1) as this, running(newer_folder, 2) as newer:
        pc = Pc(this, tmp_path / "shop")
        pc.do("set_up", pc_code="C1")
        at = "2026-03-10T09:00:00.000000Z"
        pc.rows(
            "INSERT INTO settings (id, device_id, key, value, created_at, updated_at, written_by, sync_status)"
            f" VALUES ('00000000-0000-4000-8002-{len(SHOP_SETTINGS) + 1:012}',"
            " '00000000-0000-0000-0000-000000000000', 'slogan',"
            f" 'Sent by a newer PC', '1970-01-01T00:00:00.000000Z', '{at}', '{at}', 'SYNCED')"
        )
        trail = pc.value("SELECT count(*) FROM audit_logs")
        pc.update(newer)
        found = pc.rows("SELECT key, value FROM settings WHERE key IN ('slogan', 'motto') ORDER BY key")
        assert found == [["motto", ""], ["slogan", "Sent by a newer PC"]]
        assert pc.value("SELECT count(*) FROM audit_logs") == trail, "an update is no person's act"
        assert pc.do("check") == []
        pc.do("close")

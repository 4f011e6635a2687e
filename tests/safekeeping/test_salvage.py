"""Salvage skips broken pages, rebuilds lost records from the audit trail, and invents nothing."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from cleanflow.dao import customers, jobs, payments
from cleanflow.dao.users import is_pin_right, list_users
from cleanflow.db import Database, open_database
from cleanflow.db.schema_pages import schema_pages
from cleanflow.errors import Refusal
from cleanflow.records import RECORDS
from cleanflow.safekeeping.rebuilding import STAND_IN_PIN
from cleanflow.safekeeping.restore import copy_beside
from cleanflow.safekeeping.salvage import salvage
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock
from tests.safekeeping.conftest import records

_PAGE = 4096


@pytest.fixture
def shop_file(shop: Database, clock: TestClock) -> Path:
    """The closed file of a shop with several years of records, so that each table has several pages."""
    ids = [
        customers.add_customer(shop, name=f"Customer {number}", notes="n" * 200).id for number in range(40)
    ]
    for number in range(150):
        who = ids[number % len(ids)]
        job = jobs.create_job(shop, customer_id=who, amount_minor=100 + number, description="x" * 200)
        if number % 2:
            payments.record_payment(shop, customer_id=who, amount_minor=50, method="CASH", jobs={job.id: 50})
    customers.edit_customer(shop, ids[0], phone="0300 1234567")
    path = shop.path
    shop.close()
    return path


def pages_of(path: Path, table: str) -> list[int]:
    """The leaf pages of a table, found by their content: they begin with 13 and hold the rows' ids."""
    with open_database(path) as db:
        ids = [row[0].encode() for row in db.rows(f"SELECT id FROM {table}")]
        root = db.value("SELECT rootpage FROM sqlite_master WHERE name = :name", {"name": table})
    data = path.read_bytes()
    found = []
    for page in range(1, len(data) // _PAGE):
        body = data[page * _PAGE : (page + 1) * _PAGE]
        # A leaf of the table and not of an index: it holds several complete rows.
        if (
            body[0] == 13
            and page != root - 1
            and sum(one in body for one in ids) >= 5
            and _is_of(table, body)
        ):
            found.append(page)
    return found


def _is_of(table: str, body: bytes) -> bool:
    marks = {"jobs": b"xxxxxxxx", "customers": b"nnnnnnnn", "payments": b"CASH"}
    return marks[table] in body and b'{"' not in body


def break_pages(path: Path, pages: list[int], filling: bytes) -> None:
    data = bytearray(path.read_bytes())
    for page in pages:
        data[page * _PAGE : (page + 1) * _PAGE] = filling * _PAGE
    path.write_bytes(data)


def test_of_a_sound_file_everything_is_saved(shop_file: Path) -> None:
    with open_database(shop_file) as db:
        before = records(db)
    prepared = salvage(shop_file)
    assert (prepared.partly_read, prepared.findings) == ((), ())
    with open_database(prepared.copy) as db:
        assert records(db) == before


@pytest.mark.parametrize("table", ["jobs", "customers", "payments"])
def test_records_on_broken_pages_are_made_anew_from_the_audit_trail(shop_file: Path, table: str) -> None:
    with open_database(shop_file) as db:
        before = records(db)
    pages = pages_of(shop_file, table)
    assert len(pages) >= 2
    break_pages(shop_file, pages[::2], b"\xee")
    damaged = shop_file.read_bytes()
    prepared = salvage(shop_file)
    (part,) = prepared.partly_read
    assert part.table == table and part.written == part.read + part.rebuilt and part.rebuilt >= 5
    assert prepared.findings == ()
    with open_database(prepared.copy) as db:
        assert records(db) == before
    assert shop_file.read_bytes() == damaged
    prepared.put_in_place()
    with open_database(shop_file) as db:
        assert verify(db).is_clean
        assert db.value("SELECT count(*) FROM jobs WHERE sync_status <> 'PENDING'") == 0, "all is sent again"
        assert db.value("SELECT count(*) FROM former_devices") == 1


def test_without_its_users_a_shop_is_saved_and_they_sign_in_with_a_pin_that_is_told(shop_file: Path) -> None:
    """All users are on one page, and every record points to one of them."""
    with open_database(shop_file) as db:
        before = records(db)
        page = db.value("SELECT rootpage FROM sqlite_schema WHERE name = 'users'")
    break_pages(shop_file, [page - 1], b"\0")
    prepared = salvage(shop_file)
    assert [(part.table, part.rebuilt) for part in prepared.partly_read] == [("users", len(before["users"]))]
    (finding,) = prepared.findings
    assert finding.code == "pin_lost" and STAND_IN_PIN in finding.words
    prepared.put_in_place()
    with open_database(shop_file) as db:
        after = records(db)
        assert {name for name in before if after[name] != before[name]} <= {"users", "devices", "audit_logs"}
        assert all(is_pin_right(db, user.id, STAND_IN_PIN) for user in list_users(db))
        assert verify(db).is_clean


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO local_settings VALUES ('theme', CAST(x'41ff' AS TEXT))",
        "INSERT INTO former_devices VALUES ('x', CAST(x'ff' AS TEXT))",
        "UPDATE sync_state SET server_url = CAST(x'ff' AS TEXT), token = 'x'",
        "UPDATE app_settings SET device_id = CAST(x'ff' AS TEXT)",
    ],
)
def test_a_broken_row_of_this_pcs_own_ends_no_salvage(shop_file: Path, change: str) -> None:
    with open_database(shop_file) as db:
        before = records(db)
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(change)
    with open_database(salvage(shop_file).copy) as db:
        assert records(db) == before


@pytest.mark.parametrize("attempts", [6, pytest.param(60, marks=pytest.mark.long)])
def test_whatever_is_broken_nothing_is_invented_and_nothing_ends_in_a_bug(
    shop_file: Path, attempts: int
) -> None:
    """Any pages are zeroed, overwritten or swapped; whatever is read was really stored."""
    with open_database(shop_file) as db:
        known = {name: {row[0] for row in rows} for name, rows in records(db).items()}
    sound = shop_file.read_bytes()
    rng = random.Random(7)
    saved = 0
    for _attempt in range(attempts):
        data = bytearray(sound)
        count = len(data) // _PAGE
        for page in rng.sample(range(1, count), rng.choice([1, 3, 12])):
            other = rng.randrange(count)
            data[page * _PAGE : (page + 1) * _PAGE] = rng.choice(
                [bytes(_PAGE), rng.randbytes(_PAGE), sound[other * _PAGE : (other + 1) * _PAGE]]
            )
        shop_file.write_bytes(data)
        try:
            prepared = salvage(shop_file)
        except Refusal as refusal:
            assert refusal.code in ("nothing_readable", "backup_damaged"), refusal
            assert not copy_beside(shop_file).parent.exists()
            continue
        saved += 1
        with open_database(prepared.copy) as db:
            found = records(db)
            for name in RECORDS:
                assert {row[0] for row in found[name]} <= known[name], name
            assert db.value("PRAGMA integrity_check") == "ok"
    assert saved >= attempts // 3


@pytest.mark.parametrize("which", ["the first page", "the list of tables"])
def test_without_its_list_of_tables_everything_else_is_read(shop_file: Path, which: str) -> None:
    with open_database(shop_file) as db:
        known = records(db)
    data = bytearray(shop_file.read_bytes())
    lost = [1] if which == "the first page" else schema_pages(bytes(data))
    for number in lost:
        data[(number - 1) * _PAGE : number * _PAGE] = bytes([0xEE]) * _PAGE
    shop_file.write_bytes(data)
    prepared = salvage(shop_file)
    assert prepared.findings == () and prepared.partly_read == ()
    with open_database(prepared.copy) as db:
        found = records(db)
    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in known.items()
    }
    assert found["balances"] == known["balances"] and found["ledger_entries"] == known["ledger_entries"]
    assert shop_file.read_bytes() == data, "the damaged file stays as it is"


def test_the_list_of_tables_lies_where_a_new_file_has_it(shop_file: Path, tmp_path: Path) -> None:
    open_database(tmp_path / "new.db", create=True).close()
    new, old = (tmp_path / "new.db").read_bytes(), shop_file.read_bytes()
    pages = schema_pages(new)
    assert pages == schema_pages(old)
    for number in pages[1:]:
        assert new[(number - 1) * _PAGE : number * _PAGE] == old[(number - 1) * _PAGE : number * _PAGE]
    raw = sqlite3.connect(tmp_path / "new.db")
    try:
        told = {row[0] for row in raw.execute("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'")}
    except sqlite3.OperationalError:  # a SQLite built without it
        told = set(pages)
    raw.close()
    assert told == set(pages)


def test_what_cannot_be_read_at_all_is_said(tmp_path: Path) -> None:
    path = tmp_path / "cleanflow.db"
    path.write_bytes(b"\xee" * 40_000)
    with pytest.raises(Refusal) as caught:
        salvage(path)
    assert caught.value.code == "nothing_readable"
    assert [entry.name for entry in tmp_path.iterdir()] == ["cleanflow.db"]

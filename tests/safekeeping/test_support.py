"""The support file holds what is needed to help and no personal data, whatever state the records are in."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cleanflow.dao import customers
from cleanflow.dao.shop import set_up_shop
from cleanflow.db import Database, open_database
from cleanflow.demo.shop import DemoClock, fill_shop
from cleanflow.errors import Refusal
from cleanflow.safekeeping.log import log_beside
from cleanflow.safekeeping.support import pack_support
from cleanflow.sync.state import Attempt, note, note_attempt
from tests.hostile_shop import fill


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    clock = DemoClock(datetime(2026, 1, 5, 7, tzinfo=UTC))
    path = tmp_path_factory.mktemp("demo") / "cleanflow.db"
    with open_database(path, clock=clock, create=True) as db:
        set_up_shop(
            db, name="Sparkling Sisters", currency="USD", pc_code="C1", owner="Olga Petrova", pin="1234"
        )
        fill_shop(db, clock, jobs=120, last_day=date(2026, 2, 3), days=20, seed=3)
        note(db, server_url="https://olga:hush@shop.example.com:8443/sparkling", token="t0ken-of-this-pc",
             difference="Olga Petrova's PC differs")  # fmt: skip
        attempt = Attempt("2026-02-01T10:00:00.000000Z", "2026-02-01T10:00:01.000000Z", 7, 8, 1, "unreachable",
                          "Olga Petrova's server is away")  # fmt: skip
        note_attempt(db, attempt)
        db.execute("UPDATE customers SET sync_status = 'FAILED', sync_error = 'name_taken' WHERE rowid = 1")
        db.execute("UPDATE customers SET sync_status = 'FAILED', sync_error = 'not Ann Lee' WHERE rowid = 2")
        yield db


def contents(pack: Path) -> dict[str, str]:
    with zipfile.ZipFile(pack) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name).decode("utf-8") for name in opened.namelist()}


def facts(pack: Path) -> dict[str, Any]:
    return dict(json.loads(contents(pack)["facts.json"]))


def personal(db: Database) -> set[str]:
    """Every typed text, and every amount as it is shown."""
    columns = {
        "customers": ("name", "phone", "address", "notes"),
        "users": ("name", "secret_hash"),
        "jobs": ("description", "notes"),
        "expenses": ("description",),
        "service_types": ("name",),
    }
    found = {
        str(row[0])
        for table, names in columns.items()
        for name in names
        for row in db.rows(f"SELECT DISTINCT {name} FROM {table} WHERE {name} <> ''")
    }
    for (amount,) in db.rows("SELECT DISTINCT amount_minor FROM ledger_entries"):
        found |= {f"{amount / 100:.2f}", f"{amount / 100:,.2f}"}
    return found


def test_nothing_of_any_customer_is_in_it(demo: Database, tmp_path: Path) -> None:
    root = logging.getLogger()
    before = [*root.handlers]
    log_beside(demo.path)
    logging.getLogger("cleanflow.sync.client").warning("cannot take %s", "Olga Petrova")
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    pack = pack_support(demo.path, tmp_path / "support.zip")
    secrets = personal(demo)
    assert len(secrets) > 200
    everything = "\n".join(contents(pack).values())
    assert {*contents(pack)} == {"README.txt", "facts.json", "cleanflow.log"}
    assert [secret for secret in secrets if secret in everything] == []
    for word in ("Sparkling", "Olga", "hush", "t0ken", "Ann Lee"):
        assert word not in everything


def test_what_helps_is_in_it(demo: Database, tmp_path: Path) -> None:
    told = facts(pack_support(demo.path, tmp_path / "support.zip", screen="1024x768"))
    assert told["program"]["screen"] == "1024x768"
    assert told["counts"]["jobs"] == demo.value("SELECT count(*) FROM jobs")
    assert told["identity"]["pc_code"] == "C1"
    assert told["sync"]["server"] == "https://shop.example.com:8443"
    assert [(one["code"], one["pulled"]) for one in told["sync"]["attempts"]] == [("unreachable", 8)]
    assert told["sync"]["refusals"] == {"customers name_taken": 1, "customers …": 1}
    assert told["settings"]["currency"] == "USD"
    assert told["check"] == []
    assert told["database"]["journal_mode"] == "wal"


def test_what_is_wrong_with_the_books_is_told_by_codes_and_numbers_of_papers(
    db: Database, tmp_path: Path
) -> None:
    fill(db)
    path = tmp_path / "broken.db"
    db.execute("VACUUM INTO :path", {"path": str(path)})
    raw = sqlite3.connect(path)
    raw.execute(
        "UPDATE job_totals SET total_minor = total_minor + 1 WHERE job_id = (SELECT min(id) FROM jobs)"
    )
    raw.commit()
    raw.close()
    told = facts(pack_support(path, tmp_path / "support.zip"))
    assert {found["code"] for found in told["check"]} >= {"derived_wrong"}
    text = json.dumps(told)
    assert not [name for (name,) in db.rows("SELECT name FROM customers") if name in text and len(name) > 4]


def test_a_customer_who_is_called_like_an_entry_is_not_in_it(db: Database, tmp_path: Path) -> None:
    customers.add_customer(db, name="Entry entry 03001234567")
    db.execute("DELETE FROM customer_search_texts")
    told = facts(pack_support(db.path, tmp_path / "support.zip"))
    assert "search_stale" in {found["code"] for found in told["check"]}
    assert "0300" not in json.dumps(told["check"])


@pytest.mark.parametrize("state", ["gone", "empty", "text", "cut", "holes", "folder", "newer", "foreign"])
def test_it_is_packed_whatever_state_the_records_are_in(
    new_shop_file: Path, tmp_path: Path, state: str
) -> None:
    path = tmp_path / "cleanflow.db"
    whole = new_shop_file.read_bytes()
    if state == "folder":
        path.mkdir()
    elif state in ("newer", "foreign"):
        shutil.copy(new_shop_file, path)
        raw = sqlite3.connect(path)
        raw.execute("PRAGMA user_version = 999" if state == "newer" else "PRAGMA application_id = 7")
        raw.close()
    elif state != "gone":
        broken = {"empty": b"", "text": b"Ann owes 5" * 500, "cut": whole[: len(whole) // 2],
                  "holes": whole[:4096] + bytes(len(whole) - 4096)}  # fmt: skip
        path.write_bytes(broken[state])
    pack = pack_support(path, tmp_path / "support.zip")
    told = facts(pack)
    assert "README.txt" in contents(pack)
    assert "records" in told or "cannot" in json.dumps(told)
    assert "Ann" not in json.dumps(told)


def test_it_is_written_whole_or_not_at_all_and_never_in_the_place_of_the_books(
    db: Database, tmp_path: Path
) -> None:
    for target in (db.path, Path(f"{db.path}-wal"), tmp_path, tmp_path / "no folder" / "x.zip"):
        with pytest.raises(Refusal):
            pack_support(db.path, target)
    assert db.value("SELECT count(*) FROM users") == 1


def test_it_is_packed_while_the_shop_works(db: Database, tmp_path: Path) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        assert facts(pack_support(db.path, tmp_path / "support.zip"))["counts"]["users"] == 1
    finally:
        db.execute("ROLLBACK")

"""with_transaction: whole operations or nothing, one timestamp each, and a usable connection afterwards."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta

import pytest

from cleanflow.dao.customers import add_customer, edit_customer, search_customers
from cleanflow.db import Database, bulk, open_database, snapshot, with_transaction
from cleanflow.errors import NotSaved, Refusal
from tests.conftest import TestClock


def names(db: Database) -> list[str]:
    return [row["name"] for row in db.rows("SELECT name FROM customers ORDER BY created_at")]


@with_transaction
def add_two(db: Database, *, fail: bool) -> None:
    add_customer(db, name="One")
    add_customer(db, name="Two")
    if fail:
        raise Refusal("nothing_due")


@with_transaction
def add_one_and_swallow_a_refusal(db: Database) -> None:
    add_customer(db, name="Kept")
    with pytest.raises(Refusal):
        add_two(db, fail=True)


def test_an_operation_that_fails_leaves_nothing_and_a_usable_connection(db: Database) -> None:
    with pytest.raises(Refusal):
        add_two(db, fail=True)
    assert names(db) == []
    assert not db.connection.in_transaction
    add_two(db, fail=False)
    assert names(db) == ["One", "Two"]


def test_a_nested_refusal_that_is_caught_takes_only_its_own_rows(db: Database) -> None:
    add_one_and_swallow_a_refusal(db)
    assert names(db) == ["Kept"]


def test_all_rows_of_one_operation_share_one_timestamp(db: Database) -> None:
    add_two(db, fail=False)
    stamps = {row[0] for row in db.rows("SELECT updated_at FROM customers")}
    audited = {row[0] for row in db.rows("SELECT created_at FROM audit_logs WHERE table_name = 'customers'")}
    assert len(stamps) == 1
    assert audited == stamps


def test_timestamps_rise_when_the_clock_is_set_back_and_an_edit_is_newer_than_what_it_edits(
    db: Database, clock: TestClock
) -> None:
    customer = add_customer(db, name="Ann")
    first = db.value("SELECT updated_at FROM customers")
    clock.moment -= timedelta(days=400)
    edit_customer(db, customer.id, phone="1")
    second = db.value("SELECT updated_at FROM customers")
    assert first < second < first[:19] + ".999999Z"


def test_in_bulk_each_operation_has_its_own_timestamp_and_a_refused_one_leaves_no_trace(db: Database) -> None:
    with bulk(db):
        add_customer(db, name="A")
        with pytest.raises(Refusal):
            add_two(db, fail=True)
        add_customer(db, name="B")
    assert names(db) == ["A", "B"]
    assert db.value("SELECT count(DISTINCT updated_at) FROM customers") == 2


def test_a_failure_that_leaves_bulk_rolls_all_of_it_back(db: Database) -> None:
    def import_and_fail() -> None:
        with bulk(db):
            add_customer(db, name="A")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_and_fail()
    assert names(db) == []
    assert not db.connection.in_transaction


def test_a_refusal_of_the_schema_arrives_as_a_refusal_with_its_code(db: Database) -> None:
    customer = add_customer(db, name="Ann")
    with pytest.raises(Refusal) as caught:
        add_customer(db, name="Ann again", customer_id=customer.id)
    assert caught.value.code == "record_exists"
    assert names(db) == ["Ann"]


def test_saving_twice_with_the_id_of_the_form_makes_one_record(db: Database) -> None:
    form_id = "11111111-1111-4111-8111-111111111111"
    add_customer(db, name="Ann", customer_id=form_id)
    with pytest.raises(Refusal, match="already"):
        add_customer(db, name="Ann", customer_id=form_id)
    assert len(search_customers(db, "ann")) == 1


def test_a_database_held_by_another_program_says_not_saved_and_works_again_afterwards(db: Database) -> None:
    other = sqlite3.connect(db.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    db.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(NotSaved, match="another program"):
        add_customer(db, name="Ann")
    other.execute("ROLLBACK")
    other.close()
    add_customer(db, name="Ann")
    assert names(db) == ["Ann"]


def test_a_full_disk_refuses_the_operation_whole_and_the_program_goes_on(db: Database) -> None:
    pages = db.value("PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NotSaved, match="disk is full"):
        for number in range(200):
            add_customer(db, name=f"Customer {number}", notes="x" * 5000)
    assert not db.connection.in_transaction
    kept = len(names(db))
    db.execute("PRAGMA max_page_count = 1073741823")
    add_customer(db, name="After")
    assert len(names(db)) == kept + 1
    assert db.value("PRAGMA integrity_check") == "ok"


def test_writing_outside_of_with_transaction_is_a_bug_that_shows(db: Database) -> None:
    with pytest.raises(RuntimeError, match="outside of with_transaction"):
        _ = db.session.at


def test_the_user_is_known_to_the_audit_only_while_an_operation_runs(db: Database) -> None:
    add_customer(db, name="Ann")
    assert db.value("SELECT user_id FROM app_settings") is None
    assert db.value("SELECT user_id FROM audit_logs WHERE table_name = 'customers'") == db.session.user_id


def test_a_connection_belongs_to_its_thread(db: Database) -> None:
    caught: list[Exception] = []

    def use_it() -> None:
        try:
            db.value("SELECT 1")
        except sqlite3.ProgrammingError as error:
            caught.append(error)

    thread = threading.Thread(target=use_it)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_every_safety_pragma_is_set_on_every_connection(db: Database) -> None:
    with open_database(db.path) as second:
        for opened in (db, second):
            assert opened.value("PRAGMA journal_mode") == "wal"
            assert opened.value("PRAGMA synchronous") == 2
            assert opened.value("PRAGMA foreign_keys") == 1
            assert opened.value("PRAGMA recursive_triggers") == 1
            assert opened.value("PRAGMA wal_autocheckpoint") == 0
            assert opened.value("PRAGMA mmap_size") == 0
            assert opened.value("PRAGMA cell_size_check") == 1
            if sqlite3.sqlite_version_info >= (3, 41, 0):
                assert opened.value("PRAGMA trusted_schema") == 0


def test_a_write_inside_a_snapshot_is_refused_as_a_bug_and_never_lost_in_silence(db: Database) -> None:
    with snapshot(db), pytest.raises(RuntimeError, match="snapshot"):
        add_customer(db, name="Ann")
    add_customer(db, name="Ann")
    assert names(db) == ["Ann"]

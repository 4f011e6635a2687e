"""The schema writes the audit trail, whatever code makes a change."""

from __future__ import annotations

import json
import sqlite3

from cleanflow.dao.customers import add_customer, edit_customer
from cleanflow.dao.jobs import create_job, edit_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.users import add_user, edit_user
from cleanflow.db import Database


def trail(
    db: Database, record_id: str
) -> list[tuple[str, dict[str, object] | None, dict[str, object] | None]]:
    rows = db.rows(
        "SELECT action, old_value, new_value FROM audit_logs WHERE record_id = :id ORDER BY rowid",
        {"id": record_id},
    )
    return [(a, json.loads(old) if old else None, json.loads(new) if new else None) for a, old, new in rows]


def test_an_edit_shows_who_where_and_both_values(db: Database) -> None:
    customer = add_customer(db, name="محمد <b>", phone="=1+1")
    edit_customer(db, customer.id, phone="123")
    made, edited = trail(db, customer.id)
    assert made[0] == "INSERT"
    assert made[2] is not None
    assert made[2]["name"] == "محمد <b>"
    assert edited[0] == "UPDATE"
    assert edited[1] is not None and edited[2] is not None
    assert (edited[1]["phone"], edited[2]["phone"]) == ("=1+1", "123")
    authors = {tuple(row) for row in db.rows("SELECT user_id, device_id FROM audit_logs WHERE record_id = :id",
                                             {"id": customer.id})}  # fmt: skip
    assert authors == {(db.session.user_id, db.device_id)}


def test_a_change_by_raw_sql_is_audited_too(db: Database) -> None:
    customer = add_customer(db, name="Ann")
    raw = sqlite3.connect(db.path)
    raw.execute(
        "UPDATE customers SET name = 'Eve', updated_at = '2099-01-01T00:00:00.000000Z', sync_status = 'PENDING'"
    )
    raw.commit()
    raw.close()
    _made, edited = trail(db, customer.id)
    assert edited[1] is not None and edited[2] is not None
    assert (edited[1]["name"], edited[2]["name"]) == ("Ann", "Eve")


def test_derived_numbers_and_sync_marks_leave_no_audit_row_and_touch_no_record(db: Database) -> None:
    customer = add_customer(db, name="Ann")
    job = create_job(db, customer_id=customer.id, amount_minor=500)
    db.execute("UPDATE customers SET sync_status = 'SYNCED'")
    db.execute("UPDATE jobs SET sync_status = 'SYNCED'")
    before = db.one("SELECT * FROM customers"), db.one("SELECT * FROM jobs")
    record_payment(db, customer_id=customer.id, amount_minor=300, method="CASH")
    assert before == (db.one("SELECT * FROM customers"), db.one("SELECT * FROM jobs"))
    assert len(trail(db, customer.id)) == len(trail(db, job.id)) == 1


def test_an_edit_that_changes_nothing_leaves_no_audit_row(db: Database) -> None:
    customer = add_customer(db, name="Ann")
    job = create_job(db, customer_id=customer.id, amount_minor=500)
    edit_job(db, job.id, work_status="RECEIVED")
    assert len(trail(db, job.id)) == 1


def test_a_pin_never_enters_the_trail(db: Database) -> None:
    user = add_user(db, name="Carl", role="CASHIER", pin="9876")
    edit_user(db, user.id, pin="5432")
    _made, edited = trail(db, user.id)
    assert edited[2] is not None
    assert edited[2]["secret"] == "changed"
    assert db.value("SELECT count(*) FROM audit_logs WHERE new_value LIKE '%scrypt%'") == 0


def test_the_audit_ids_are_uuids_version_4(db: Database) -> None:
    import uuid

    for number in range(200):
        add_customer(db, name=f"C{number}")
    for (audit_id,) in db.rows("SELECT id FROM audit_logs"):
        parsed = uuid.UUID(audit_id)
        assert (parsed.version, str(parsed)) == (4, audit_id)

"""Rows of a newer program as a test makes them, good and bad ones, before the real server and real PCs."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cleanflow.db import with_transaction
from cleanflow.records.chain import CHAIN_FIELDS, entry_hash
from cleanflow.records.types import MAX_EXTRA
from server.database import Shop
from tests.server.live import Live, Pc, fresh_database, live_server, run_sql
from tests.sync.made_rows import Row, Rows, merged, new_id, wire_time
from tests.sync.pcs import ShopPc, assert_same_books

Joined = Callable[[int], list[ShopPc]]


@pytest.fixture(scope="module")
def live(postgres: str) -> Iterator[Live]:
    with fresh_database(postgres) as database, live_server(database) as live:
        yield live


@pytest.fixture
def shop(live: Live) -> Shop:
    return live.new_shop()


@pytest.fixture
def newer(live: Live, shop: Shop) -> Pc:
    """A PC with a newer program: it speaks to the server with made rows."""
    return live.join(shop, "N1")


@pytest.fixture
def pc(live: Live, shop: Shop, tmp_path: Path, new_shop_file: Path) -> Iterator[ShopPc]:
    """A PC with this program."""
    folder = tmp_path / "C1"
    folder.mkdir()
    shutil.copy(new_shop_file, folder / "cleanflow.db")
    made = ShopPc(folder, "C1")
    made.join(live.url, live.new_code(shop))
    made.sync()
    yield made
    made.db.close()


def outcomes(newer: Pc, rows: Rows) -> dict[str, list[Any]]:
    answer = newer.push(rows)
    assert answer.status_code == 200, answer.text
    told: dict[str, list[Any]] = answer.json()["outcomes"]
    return told


def carried(pc: ShopPc) -> list[Row]:
    return [json.loads(row[0]) for row in pc.db.rows("SELECT body FROM carried_rows ORDER BY table_name, id")]


def voucher(newer: Pc, **values: Any) -> Row:
    """A fact of a table that nobody here knows."""
    at = newer.made.now()
    return {
        "id": new_id(),
        "device_id": newer.made.id,
        "created_at": at,
        "updated_at": at,
        "amount_minor": 5,
        "extra": None,
    } | values


def label(newer: Pc, **values: Any) -> Row:
    """A record of such a table, which people edit."""
    return voucher(newer) | {"written_by": newer.made.id, "is_active": True, "name": "Rush"} | values


@pytest.mark.parametrize(
    "extra",
    [
        '{"name": "Eve"}', '{"written_by": "x"}', '{"sync_error": "x"}', '{"id": "x"}', '{"extra": 1}',
        '{"email": "a", "email": "b"}', '{"e-mail": 1}', '{"": 1}', '{"Email": 1}', '{"a": 1e999}x', "[1]", '"x"',
        json.dumps({"email": "x" * MAX_EXTRA}),
    ],
)  # fmt: skip
def test_an_extra_that_cannot_be_is_refused_and_holds_up_nothing(newer: Pc, pc: ShopPc, extra: str) -> None:
    bad = newer.made.customer("Bad", extra=extra)
    good = newer.made.customer("Good", extra='{"email": "a@b"}')
    told = outcomes(newer, merged(bad, good))["customers"]
    assert told[0]["outcome"] == "refused" and told[0]["reason"] == "value_invalid:extra"
    assert told[1] == "stored"
    pc.sync()
    assert [row[0] for row in pc.db.rows("SELECT name FROM customers")] == ["Good"]


def test_the_longest_extra_goes_through_everybody_unchanged(
    live: Live, shop: Shop, newer: Pc, pc: ShopPc
) -> None:
    extra = json.dumps(
        {"a": "é" * 100, "b": 1.10, "c": None, "d": {"x": [1, 2.50]}}, indent=1, ensure_ascii=False
    )
    extra = extra[:-2] + ',"long":"' + "x" * (MAX_EXTRA - len(extra) - 10) + '"\n}'
    assert len(extra) == MAX_EXTRA
    rows = newer.made.customer("Ann", extra=extra)
    assert outcomes(newer, rows) == {"customers": ["stored"]}
    pc.sync()
    (customer,) = pc.db.rows("SELECT id, extra FROM customers")
    assert customer["extra"] == extra
    from cleanflow.dao.customers import edit_customer

    edit_customer(pc.db, customer["id"], phone="0300 1234567")
    pc.sync()
    (back,) = newer.pull().json()["rows"]["customers"]
    assert (back["phone"], back["extra"]) == ("0300 1234567", extra)


def test_what_follows_from_an_extra_that_is_full_is_refused_whole(newer: Pc, pc: ShopPc) -> None:
    """An edit that leaves no room is no edit: the schema refuses, and the record stays what it was."""
    from cleanflow.dao.stamps import update_record

    ann = pc.customer("Ann")
    with pytest.raises(Exception, match="CHECK"):
        with_transaction(update_record)(pc.db, "customers", ann, {"email": "x" * MAX_EXTRA})
    assert pc.value("SELECT extra FROM customers") is None


@pytest.mark.parametrize("name", ["x', 1), name = ('Eve", "a.b", "a b", "A", "", "x" * 64])
def test_no_name_that_could_be_sql_gets_into_a_statement(pc: ShopPc, name: str) -> None:
    from cleanflow.dao.stamps import update_record

    ann = pc.customer("Ann")
    with pytest.raises(ValueError, match="no field can be called"):
        with_transaction(update_record)(pc.db, "customers", ann, {name: "x"})
    assert pc.value("SELECT name FROM customers") == "Ann"


def test_a_forged_lost_edit_writes_nothing_but_what_it_may(newer: Pc, pc: ShopPc) -> None:
    """An audit row can say anything; putting its edit back takes only what fits."""
    from cleanflow.sync.repair.conflicts import overwritten, put_back

    customer = newer.made.customer("Ann")
    (ann,) = customer["customers"]
    forged = newer.made.audit("customers", ann["id"]) | {
        "action": "OVERWRITTEN",
        "old_value": json.dumps({
            "x', 1), name = ('Eve": 1, "id": "x", "device_id": "x", "extra": "{}", "sync_status": "SYNCED",
            "phone": ["5"], "address": "Here", "is_active": 7, "email": "a@b",
        }),
        "new_value": json.dumps([1]),
    }  # fmt: skip
    unknown = newer.made.audit("vouchers", new_id()) | {
        "action": "OVERWRITTEN",
        "old_value": None,
        "new_value": None,
    }
    nothing = newer.made.audit("jobs", new_id()) | {
        "action": "OVERWRITTEN",
        "old_value": None,
        "new_value": "5",
    }
    outcomes(newer, merged(customer, {"audit_logs": [forged, unknown, nothing]}))
    pc.sync()
    assert {lost.table for lost in overwritten(pc.db)} == {"customers", "jobs"}
    put_back(pc.db, forged["id"])
    (row,) = pc.db.rows("SELECT name, phone, address, is_active, extra FROM customers")
    assert tuple(row) == ("Ann", "", "Here", 1, '{"email":"a@b"}')
    assert pc.sync().is_same_books


def test_a_changed_extra_of_a_fact_is_an_alarm(live: Live, shop: Shop, newer: Pc, pc: ShopPc) -> None:
    rows = newer.made.sale()
    rows["payments"][0]["extra"] = '{"tip": 5}'
    entry = rows["ledger_entries"][1]
    entry["extra"] = '{"tax_code": "A"}'
    entry["hash"] = entry_hash(entry)
    assert {one for part in outcomes(newer, rows).values() for one in part} == {"stored"}
    pc.sync()
    assert pc.value("SELECT extra FROM payments") == '{"tip": 5}'

    payment = rows["payments"][0] | {"extra": '{"tip": 6}'}
    forged = entry | {"extra": '{"tax_code": "B"}'}
    rehashed = forged | {"hash": entry_hash(forged)}
    (told,) = outcomes(newer, {"payments": [payment]})["payments"]
    assert (told["outcome"], told["reason"]) == ("conflict", "other_content")
    (told,) = outcomes(newer, {"ledger_entries": [forged]})["ledger_entries"]
    assert (told["outcome"], told["reason"]) == ("refused", "hash_wrong")
    (told,) = outcomes(newer, {"ledger_entries": [rehashed]})["ledger_entries"]
    assert (told["outcome"], told["reason"]) == ("conflict", "chain_forked")
    alarms = run_sql(
        live.database, "SELECT table_name FROM sync_operations WHERE outcome = 'ALARM'", shop=shop
    )
    assert {row[0] for row in alarms} == {"payments", "ledger_entries"}
    assert pc.sync().is_same_books

    with closing(sqlite3.connect(pc.path, isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER ledger_entries_before_update_immutable")
        raw.execute('UPDATE ledger_entries SET extra = \'{"tax_code": "B"}\' WHERE extra IS NOT NULL')
    from cleanflow.safekeeping.verify import verify

    assert {"schema_missing", "entry_changed"} <= {finding.code for finding in verify(pc.db).findings}


def test_a_changed_carried_fact_is_an_alarm_and_an_edit_is_none(
    live: Live, shop: Shop, newer: Pc, pc: ShopPc
) -> None:
    fact, record = voucher(newer), label(newer)
    assert outcomes(newer, {"vouchers": [fact], "labels": [record]}) == {
        "vouchers": ["stored"],
        "labels": ["stored"],
    }
    pc.sync()
    assert carried(pc) == [record, fact]
    assert outcomes(newer, {"vouchers": [fact], "labels": [record]}) == {
        "vouchers": ["already"],
        "labels": ["already"],
    }

    edited = newer.made.edited(record, name="Very urgent")
    told = outcomes(newer, {"vouchers": [fact | {"amount_minor": 6}], "labels": [edited]})
    assert told["labels"] == ["stored"]
    assert told["vouchers"][0]["outcome"] == "conflict"
    (told_again,) = outcomes(newer, {"labels": [record]})["labels"]
    assert (told_again["outcome"], told_again["row"]) == ("superseded", edited)
    other = live.join(shop, "N2")
    foreign = voucher(other, id=fact["id"])
    told = outcomes(other, {"vouchers": [foreign, fact], "labels": [label(other, id=record["id"])]})
    assert [one["outcome"] for one in told["vouchers"]] == ["conflict", "refused"]
    assert told["labels"][0]["outcome"] == "conflict"
    alarms = run_sql(
        live.database, "SELECT table_name FROM sync_operations WHERE outcome = 'ALARM'", shop=shop
    )
    assert {row[0] for row in alarms} == {"vouchers", "labels"}
    pc.sync()
    assert carried(pc) == [edited, fact]
    assert pc.sync().is_same_books


def test_a_carried_edit_from_a_clock_that_is_ahead_does_not_win_for_ever(newer: Pc, pc: ShopPc) -> None:
    record = label(newer)
    outcomes(newer, {"labels": [record]})
    ahead = wire_time(newer.made.moment + timedelta(days=4000))
    claimed = record | {"name": "From the future", "updated_at": ahead}
    (told,) = outcomes(newer, {"labels": [claimed]})["labels"]
    assert told["outcome"] == "corrected"
    given = told["row"]["updated_at"]
    assert record["updated_at"] < given < ahead
    assert outcomes(newer, {"labels": [claimed]})["labels"][0]["row"]["updated_at"] == given, "the same again"
    pc.sync()
    assert carried(pc) == [claimed | {"updated_at": given}]
    newer.made.moment = datetime.now(UTC) + timedelta(seconds=30)  # as far ahead as nobody minds
    later = newer.made.edited(record, name="Later")
    assert outcomes(newer, {"labels": [later]}) == {"labels": ["stored"]}
    pc.sync()
    assert [row["name"] for row in carried(pc)] == ["Later"]


def test_unsent_records_keep_their_later_fields_when_they_are_recorded_anew(
    live: Live, shop: Shop, pc: ShopPc, tmp_path: Path
) -> None:
    """A copied PC gets numbers of its own for what it has not sent, entries with later fields included."""
    ann = pc.customer("Ann")
    pc.sync()
    copy = pc.copied_to(tmp_path / "copy", "C1")
    pc.job(ann, 400)
    pc.sync()

    @with_transaction
    def record(db: Any) -> None:
        at = db.session.at
        common = {"device_id": db.device_id, "created_at": at, "updated_at": at}
        job_id, job = new_id(), {"reference_number": 1, "reference": "C1-000001", "kind": "SERVICE"}
        db.execute("UPDATE reference_counters SET last_number = 1 WHERE series = 'JOB'")
        db.insert("jobs", {
            "id": job_id, **common, **job, "customer_id": ann, "description": "", "amount_minor": 800,
            "business_date": at[:10], "work_status": "RECEIVED", "written_by": db.device_id, "priority": 3,
        })  # fmt: skip
        entry = {
            "id": new_id(), **common, "chain_number": 1, "kind": "JOB", "amount_minor": 800,
            "debit_account_id": "00000000-0000-4000-8000-000000001200",
            "credit_account_id": "00000000-0000-4000-8000-000000004000", "customer_id": ann, "job_id": job_id,
            "source_id": job_id, "business_date": at[:10], "user_id": None, "previous_hash": "0" * 64,
            "extra": '{"tax_code":"A"}',
        }  # fmt: skip
        db.insert("ledger_entries", {**entry, "hash": entry_hash(entry)})

    record(copy.db)
    copy.try_sync()
    copy.join(live.url, live.new_code(shop), "C3", as_new=True)
    for one in (copy, pc, copy, pc):
        one.sync()
    assert_same_books(copy, pc)
    (entry,) = pc.db.rows(
        f"SELECT {', '.join(CHAIN_FIELDS)}, hash, extra FROM ledger_entries WHERE extra IS NOT NULL"
    )
    assert (entry["device_id"], entry["extra"]) == (copy.db.device_id, '{"tax_code":"A"}')
    assert entry["hash"] == entry_hash(dict(entry))
    assert pc.value("SELECT extra FROM jobs WHERE amount_minor = 800") == '{"priority":3}'
    copy.db.close()

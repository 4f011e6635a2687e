"""An implausible clock is noticed before the first record of the day gets its date from it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cleanflow.clock import timestamp
from cleanflow.dao import clock_doubts
from cleanflow.dao.clock_doubts import Doubt, Reason, confirm_clock, find_doubt
from cleanflow.dao.closings import close_day
from cleanflow.dao.customers import add_customer, edit_customer
from cleanflow.dao.drawer import DrawerMovement, move_cash
from cleanflow.dao.jobs import create_job
from cleanflow.dao.remembered import remember
from cleanflow.dao.shop import is_set_up, set_up_shop
from cleanflow.dao.stamps import believed_today, today
from cleanflow.db import Database, bulk, open_database
from cleanflow.errors import Refusal
from cleanflow.reports.daily import daily_report
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock


@pytest.fixture
def pc(db: Database, clock: TestClock) -> Database:
    """The shop on a PC whose clock may be wrong, after its first record: Tuesday, 10 March 2026, at nine."""
    clock.is_certain = False
    clock.zone = ZoneInfo("Asia/Karachi")
    pay_in(db)
    return db


def pay_in(db: Database, on: date | None = None) -> DrawerMovement:
    return move_cash(db, "PAY_IN", 100, "Change", on=on)


def set_to(db: Database, text: str) -> None:
    """Set the PC's clock to a local time."""
    assert isinstance(db.clock, TestClock)
    db.clock.moment = datetime.fromisoformat(text).replace(tzinfo=db.clock.zone).astimezone(UTC)


def again(db: Database) -> Database:
    """Restart the program."""
    other = open_database(db.path, clock=db.clock)
    other.session.user_id = db.session.user_id
    return other


def doubt(db: Database) -> Doubt | None:
    return find_doubt(db, today(db))


def reason(db: Database) -> Reason | None:
    found = doubt(db)
    return found and found.reason


def assert_asks(db: Database, why: Reason) -> None:
    """A record of today is refused, and the attempt leaves no trace."""
    assert reason(db) == why
    before = db.value("SELECT count(*) FROM ledger_entries"), db.value("SELECT last_at FROM app_settings")
    with pytest.raises(Refusal) as caught:
        pay_in(db)
    assert caught.value.code == "clock_unsure"
    assert (
        db.value("SELECT count(*) FROM ledger_entries"),
        db.value("SELECT last_at FROM app_settings"),
    ) == before


# --- when one is asked ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ("2026-03-10T09:00", None),
        ("2026-03-10T00:01", None),  # set back within the day
        ("2026-03-09T23:30", None),  # slightly set back around midnight
        ("2026-03-09T22:30", Reason.BACK),
        ("2015-01-01T08:12", Reason.BACK),
        ("1970-01-01T00:00", Reason.BACK),
        ("2026-03-11T09:00", None),
        ("2026-03-17T23:59", None),
        ("2026-03-18T00:00", Reason.AHEAD),
        ("2099-03-10T09:00", Reason.AHEAD),
    ],
)
def test_a_clock_that_went_back_or_far_ahead_is_asked_about(
    pc: Database, now: str, why: Reason | None
) -> None:
    set_to(pc, now)
    for db in (pc, again(pc)):
        if why:
            assert_asks(db, why)
        else:
            assert reason(db) is None
            assert pay_in(db).business_date == now[:10]


def test_a_pc_without_records_that_lost_the_time_is_asked_about_at_its_first_start(
    clock: TestClock, pc: Database
) -> None:
    clock.is_certain = False
    set_to(pc, "2015-01-01T08:12")
    shop = {"name": "Sparkle", "currency": "USD", "pc_code": "C1", "owner": "Olga", "pin": "1234"}
    with open_database(pc.path.with_name("new.db"), clock=clock, create=True) as db:
        with pytest.raises(Refusal) as caught:
            set_up_shop(db, **shop)
        assert caught.value.code == "clock_unsure" and not is_set_up(db) and reason(db) == Reason.BEFORE
        confirm_clock(db)
        set_up_shop(db, **shop)
        assert pay_in(db).business_date == "2015-01-01"


def test_a_clock_that_went_back_an_hour_later_than_the_day_began_is_asked_about_at_once(pc: Database) -> None:
    """The program keeps running meanwhile."""
    pay_in(pc)
    set_to(pc, "2015-01-01T08:12")
    assert_asks(pc, Reason.BACK)
    set_to(pc, "2026-03-10T18:00")
    assert pay_in(pc).business_date == "2026-03-10"
    set_to(pc, "2026-03-11T09:00")
    assert pay_in(pc).business_date == "2026-03-11"
    set_to(pc, "2026-03-10T09:00")
    assert_asks(pc, Reason.BACK)


def test_other_writes_do_not_settle_a_doubt_about_the_clock(pc: Database) -> None:
    """Column widths, names and records with a given date do not show which day it is."""
    set_to(pc, "2099-01-01T08:00")
    remember(pc, "theme", "dark")
    edit_customer(pc, add_customer(pc, name="Ann").id, name="Anna")
    pay_in(pc, on=date(2026, 3, 9))
    assert_asks(pc, Reason.AHEAD)
    set_to(pc, "2026-03-11T09:00")
    assert pay_in(pc).business_date == "2026-03-11"


def test_old_records_that_are_brought_in_raise_no_doubt(pc: Database) -> None:
    set_to(pc, "2026-03-12T09:00")
    pay_in(pc, on=date(2014, 5, 1))
    assert reason(pc) is None


def test_a_date_in_the_future_that_was_given_is_refused_and_raises_no_doubt(pc: Database) -> None:
    with pytest.raises(Refusal) as caught:
        pay_in(pc, on=date(2031, 1, 1))
    assert caught.value.code == "date_in_future"
    assert reason(again(pc)) is None
    set_to(pc, "2026-03-11T09:00")
    assert pay_in(pc).business_date == "2026-03-11"


def test_the_last_record_of_another_pc_counts_as_well(pc: Database) -> None:
    """The record came by synchronising; this PC was off, and its clock had stopped."""
    another_pc_records(pc, "2026-11-25")
    set_to(pc, "2026-03-11T09:00")
    assert_asks(pc, Reason.BACK)
    found = doubt(pc)
    assert found is not None and found.last == date(2026, 11, 25)
    set_to(pc, "2026-11-26T09:00")
    assert pay_in(pc).business_date == "2026-11-26"


def another_pc_records(db: Database, day: str) -> None:
    """Insert a ledger entry as merging does."""
    columns = [row["name"] for row in db.rows("PRAGMA table_info(ledger_entries)")]
    entry = dict(db.one("SELECT * FROM ledger_entries LIMIT 1") or {})
    at = timestamp(datetime.fromisoformat(day).replace(hour=7, tzinfo=UTC))
    entry |= {
        "id": "11111111-1111-4111-8111-111111111111",
        "device_id": "22222222-2222-4222-8222-222222222222",
    }
    entry |= {"business_date": day, "created_at": at, "updated_at": at, "sync_status": "SYNCED"}
    db.execute("UPDATE app_settings SET is_merging = 1")
    db.insert("ledger_entries", {name: entry[name] for name in columns})
    if db.one("SELECT 1 FROM chain_heads WHERE device_id = :device_id", entry) is None:
        db.insert("chain_heads", {"device_id": entry["device_id"], "chain_number": 1, "hash": entry["hash"]})
    db.execute("UPDATE app_settings SET is_merging = 0")


@pytest.mark.parametrize(
    ("ahead", "synced_on", "why"),
    [
        (timedelta(days=2), "2026-03-12", Reason.SERVER),
        (timedelta(days=-2), "2026-03-12", Reason.SERVER),
        (timedelta(hours=11), "2026-03-12", None),
        (timedelta(days=2), "2026-03-11", None),  # the clock may have been corrected since
    ],
)
def test_a_clock_that_the_server_found_wrong_today_is_asked_about(
    pc: Database, ahead: timedelta, synced_on: str, why: Reason | None
) -> None:
    set_to(pc, f"{synced_on}T08:00")
    at = timestamp(pc.clock.now())
    pc.insert("sync_attempts", {"started_at": at, "finished_at": at, "pushed": 0, "pulled": 0, "refused": 0,
                                "code": "", "words": ""})  # fmt: skip
    pc.execute("UPDATE sync_state SET clock_ahead_s = :ahead", {"ahead": int(ahead.total_seconds())})
    set_to(pc, "2026-03-12T09:00")
    assert reason(pc) == why
    confirm_clock(pc)
    assert reason(again(pc)) is None
    assert pay_in(pc).business_date == "2026-03-12"


# --- what a person says --------------------------------------------------------------------------


def test_who_confirms_is_asked_once_for_the_day_and_every_connection(
    pc: Database, caplog: pytest.LogCaptureFixture
) -> None:
    set_to(pc, "2026-04-20T09:00")
    assert_asks(pc, Reason.AHEAD)
    with caplog.at_level(logging.WARNING):
        confirm_clock(pc)
    assert "Olga confirmed the clock" in caplog.text and "Tuesday, 10 March 2026" in caplog.text
    for db in (pc, again(pc), pc):
        assert pay_in(db).business_date == "2026-04-20"
    set_to(pc, "2026-04-21T09:00")
    assert pay_in(again(pc)).business_date == "2026-04-21"


def test_a_clock_that_once_was_in_2099_and_was_put_right_is_not_asked_about_for_70_years(
    pc: Database,
) -> None:
    set_to(pc, "2099-03-10T09:00")
    confirm_clock(pc)
    assert pay_in(pc).business_date == "2099-03-10"
    set_to(pc, "2026-03-11T09:00")
    assert_asks(pc, Reason.BACK)
    confirm_clock(pc)
    for day in ("2026-03-11", "2026-03-12", "2026-03-16", "2026-03-23"):
        set_to(pc, f"{day}T09:00")
        assert pay_in(again(pc)).business_date == day
    set_to(pc, "2026-03-22T09:00")  # before the confirmed day
    assert_asks(pc, Reason.BACK)
    set_to(pc, "2026-04-02T09:00")
    assert_asks(pc, Reason.AHEAD)


def test_another_pcs_records_of_2099_are_asked_about_once(pc: Database) -> None:
    another_pc_records(pc, "2099-01-01")
    set_to(pc, "2026-03-11T09:00")
    assert_asks(pc, Reason.BACK)
    confirm_clock(pc)
    for day in ("2026-03-11", "2026-03-12"):
        set_to(pc, f"{day}T09:00")
        assert pay_in(again(pc)).business_date == day
    set_to(pc, "2015-01-01T09:00")
    assert_asks(pc, Reason.BACK)


def test_confirming_what_is_not_in_doubt_changes_nothing(pc: Database) -> None:
    confirm_clock(pc)
    assert pay_in(pc).business_date == "2026-03-10"
    set_to(pc, "2026-03-09T09:00")
    assert_asks(pc, Reason.BACK)


# --- what is never held up -----------------------------------------------------------------------


def test_reading_and_what_gives_its_date_are_not_held_up(pc: Database) -> None:
    set_to(pc, "2015-01-01T08:12")
    assert today(pc) == date(2015, 1, 1)
    assert daily_report(pc, today(pc)).taken_in_minor == 0
    assert pay_in(pc, on=date(2026, 3, 11)).business_date == "2026-03-11"
    close_day(pc, counted_minor=200, report=lambda _closing: "{}", on="2026-03-11")
    with pytest.raises(Refusal) as caught:
        close_day(pc, counted_minor=200, report=lambda _closing: "{}")
    assert caught.value.code == "clock_unsure"
    with pytest.raises(Refusal) as caught:
        believed_today(pc)
    assert caught.value.code == "clock_unsure"


def test_the_refusal_says_what_the_pc_says_and_what_speaks_against_it(pc: Database) -> None:
    set_to(pc, "2015-01-01T08:12")
    with pytest.raises(Refusal) as caught:
        pay_in(pc)
    words = str(caught.value)
    assert "Thursday, 1 January 2015, 08:12" in words and "of Tuesday, 10 March 2026" in words
    assert caught.value.facts["reason"] == "back"


def test_the_clock_is_checked_once_a_day_and_connection(
    pc: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is not repeated for each payment."""
    asked: list[date] = []
    real = clock_doubts.find_doubt
    monkeypatch.setattr(clock_doubts, "find_doubt", lambda db, day: asked.append(day) or real(db, day))
    set_to(pc, "2026-03-11T09:00")
    with bulk(pc):
        for _ in range(5):
            pay_in(pc)
    set_to(pc, "2026-03-12T09:00")
    pay_in(pc)
    pay_in(pc)
    assert asked == [date(2026, 3, 11), date(2026, 3, 12)]


# --- records keep their order --------------------------------------------------------------------


def test_records_keep_their_order_whatever_the_clock_was_set_to(pc: Database) -> None:
    expected, ids = [], []
    ann = add_customer(pc, name="Ann").id
    for now in ("2026-03-11T09:00", "2026-03-11T08:00", "2026-03-09T09:00", "2099-01-01T09:00",
                "2015-06-01T12:00", "2026-03-12T09:00"):  # fmt: skip
        set_to(pc, now)
        confirm_clock(pc)
        job = create_job(pc, customer_id=ann, amount_minor=100)
        edit_customer(pc, ann, name=f"Ann {now}")
        expected.append(now[:10])
        ids.append(job.id)
    rows = [dict(row) for row in pc.rows("SELECT * FROM jobs ORDER BY created_at")]
    assert [row["id"] for row in rows] == ids
    assert [row["business_date"] for row in rows] == expected
    assert [row["reference_number"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert all(row["updated_at"] >= row["created_at"] for row in rows)
    chain = [row["created_at"] for row in pc.rows("SELECT * FROM ledger_entries ORDER BY chain_number")]
    assert chain == sorted({*chain})
    assert verify(pc).findings == []


# --- time zones ----------------------------------------------------------------------------------


@pytest.fixture
def zone_pc(db: Database, clock: TestClock) -> Iterator[Database]:
    clock.is_certain = False
    yield db


def test_another_time_zone_is_asked_about_once(zone_pc: Database, clock: TestClock) -> None:
    db = zone_pc
    clock.zone = ZoneInfo("Asia/Karachi")
    pay_in(db)
    clock.zone = ZoneInfo("America/Los_Angeles")  # as a PC with an empty battery starts
    other = again(db)
    assert_asks(other, Reason.ZONE)
    with pytest.raises(Refusal, match=r"time zone was UTC\+05:00 until now and is UTC-08:00"):
        pay_in(other)
    confirm_clock(other)
    pay_in(other)
    clock.moment += timedelta(days=1)
    assert reason(again(db)) is None
    pay_in(db)
    clock.zone = ZoneInfo("Asia/Karachi")
    assert_asks(again(db), Reason.ZONE)


ZONES = ("Europe/Berlin", "Europe/Dublin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
         "America/Sao_Paulo", "Africa/Casablanca", "Africa/Cairo", "Pacific/Chatham")  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_daylight_saving_never_asks(zone_pc: Database, clock: TestClock, zone: str) -> None:
    clock.zone = ZoneInfo(zone)
    clock.moment = datetime(2026, 1, 5, 9, tzinfo=UTC)
    confirm_clock(zone_pc)
    for _ in range(110):
        clock.moment += timedelta(days=6, hours=23)
        assert reason(zone_pc) is None, clock.moment
        pay_in(zone_pc)

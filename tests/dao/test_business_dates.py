"""Business dates are right on days of 23 or 25 hours, whatever the hour at which the shop's day begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cleanflow.clock import business_date_at, standard_offset_minutes
from cleanflow.dao.clock_doubts import confirm_clock
from cleanflow.dao.closings import close_day, closings_of
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.shop import change_settings
from cleanflow.dao.stamps import business_date
from cleanflow.db import Database
from cleanflow.reports.daily import daily_report
from cleanflow.safekeeping.verify import verify
from tests.conftest import TestClock

#: Time zone, business date, and its length in hours if days begin at 0, 2 and 3 o'clock.
DAYS = [
    ("Europe/Berlin", "2026-03-28", (24, 24, 23)),
    ("Europe/Berlin", "2026-03-29", (23, 23, 24)),
    ("Europe/Berlin", "2026-10-24", (24, 24, 25)),
    ("Europe/Berlin", "2026-10-25", (25, 25, 24)),
    ("America/New_York", "2026-03-07", (24, 24, 23)),
    ("America/New_York", "2026-03-08", (23, 23, 24)),
    ("America/New_York", "2026-10-31", (24, 25, 25)),
    ("America/New_York", "2026-11-01", (25, 24, 24)),
    ("Asia/Kolkata", "2026-03-29", (24, 24, 24)),
    ("Australia/Lord_Howe", "2026-04-05", (24.5, 24, 24)),
    ("Australia/Lord_Howe", "2026-10-04", (23.5, 23.5, 24)),
    ("Africa/Cairo", "2026-04-24", (23, 24, 24)),  # there is no midnight
    ("Pacific/Apia", "2011-12-29", (24, 24, 24)),
    ("Pacific/Apia", "2011-12-31", (24, 24, 24)),  # there was no 30th
]
CASES = [
    (zone, day, start, hours[place]) for zone, day, hours in DAYS for place, start in enumerate((0, 2, 3))
]


def expected_date(moment: datetime, zone: str, start: int) -> date:
    """An independent definition: the last calendar day whose opening hour has come on the wall clock."""
    wall = moment.astimezone(ZoneInfo(zone))
    if wall.hour >= start:
        return wall.date()
    while moment.astimezone(ZoneInfo(zone)).date() == wall.date():
        moment -= timedelta(minutes=30)
    return moment.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize(("zone", "day", "start", "hours"), CASES)
def test_a_day_of_23_or_25_hours_has_all_its_records_and_no_other(
    db: Database, clock: TestClock, zone: str, day: str, start: int, hours: float
) -> None:
    """One record every half hour from the day before to the day after, then the drawer is counted."""
    db.execute("PRAGMA synchronous = OFF")
    change_settings(db, {"day_starts_at": str(start)})
    clock.zone = ZoneInfo(zone)
    clock.is_certain = zone == "Pacific/Apia"  # a zone that crosses the date line is rightly asked about
    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=clock.zone).astimezone(UTC)
    clock.moment = noon - timedelta(hours=30)
    db.execute(
        "UPDATE app_settings SET last_at = '1970-01-01T00:00:00.000000Z'"
    )  # the shop was set up in 2026
    confirm_clock(db)
    given: list[str] = []
    while clock.moment < noon + timedelta(hours=30):
        before, right = clock.moment, expected_date(clock.moment, zone, start)
        movement = move_cash(db, "PAY_IN", 100, "Change")
        assert movement.business_date == right.isoformat(), clock.moment
        given.append(movement.business_date)
        clock.moment = before + timedelta(minutes=30)
    assert given == sorted(given)
    assert given.count(day) == hours * 2
    report = daily_report(db, day)
    assert report.drawer.cash.movements[0].amount_minor == given.count(day) * 100
    assert report.entered_on_other_days == 0
    expected = len([one for one in given if one <= day]) * 100
    close_day(db, counted_minor=expected, report=lambda _closing: "{}", on=day)
    assert [closing.variance_minor for closing in closings_of(db, day)] == [0]
    assert verify(db).findings == []


@pytest.mark.parametrize("start", (0, 1, 2, 3, 4, 12))
@pytest.mark.parametrize(
    ("zone", "year"),
    [("Europe/Berlin", 2026), ("America/New_York", 2026), ("Asia/Kolkata", 2026), ("Asia/Beirut", 2026),
     ("America/Havana", 2026), ("Atlantic/Azores", 2026), ("Australia/Lord_Howe", 2026),
     ("Pacific/Apia", 2011), ("Pacific/Auckland", 2026), ("Africa/Cairo", 2026)],
)  # fmt: skip
def test_a_years_business_dates_never_go_back_and_leave_no_day_out(zone: str, year: int, start: int) -> None:
    moment, dates = datetime(year, 1, 1, 12, tzinfo=UTC), []
    for half_hour in range(365 * 48):
        day = business_date_at(moment + half_hour * timedelta(minutes=30), ZoneInfo(zone), start)
        if not dates or day != dates[-1]:
            dates.append(day)
    first = dates[0]
    whole = [first + timedelta(days=number) for number in range((dates[-1] - first).days + 1)]
    assert dates == [day for day in whole if (zone, day) != ("Pacific/Apia", date(2011, 12, 30))]


def test_the_night_after_a_day_that_never_came_belongs_to_the_day_that_was(
    db: Database, clock: TestClock
) -> None:
    change_settings(db, {"day_starts_at": "4"})
    clock.zone = ZoneInfo("Pacific/Apia")
    clock.moment = datetime(2011, 12, 30, 11, 30, tzinfo=UTC)  # half past one on the 31st
    assert business_date(db, None) == "2011-12-29"


@pytest.mark.parametrize(
    ("zone", "year", "minutes"),
    [("Europe/Berlin", 2026, 60), ("Europe/Dublin", 2026, 0), ("America/New_York", 2026, -300),
     ("Asia/Kolkata", 2026, 330), ("Australia/Lord_Howe", 2026, 630), ("Pacific/Chatham", 2026, 765),
     ("Africa/Casablanca", 2026, 0), ("Africa/Casablanca", 2031, 0), ("America/St_Johns", 2026, -210)],
)  # fmt: skip
def test_a_zones_standard_offset_is_the_same_in_summer_and_winter(zone: str, year: int, minutes: int) -> None:
    for month in range(1, 13):
        clock = TestClock(datetime(year, month, 15, tzinfo=UTC), ZoneInfo(zone))
        assert standard_offset_minutes(clock) == minutes

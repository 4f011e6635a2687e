"""Business dates and timestamps, including nights, daylight saving and a clock that was set back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanflow.clock import (
    SystemClock,
    business_date,
    business_date_at,
    check_date,
    local_time,
    next_timestamp,
    parse_timestamp,
    timestamp,
)
from cleanflow.errors import Refusal

moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


class FixedClock:
    """A clock that stands still, in one time zone."""

    is_certain = True

    def __init__(self, moment: datetime, zone: str) -> None:
        self.moment, self.zone = moment, ZoneInfo(zone)

    def now(self) -> datetime:
        return self.moment


def at(text: str, zone: str) -> FixedClock:
    """A clock in ``zone`` at local time ``text``; at the first occurrence if the hour is repeated."""
    return FixedClock(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), zone)


@pytest.mark.parametrize(
    ("local", "day_starts_at", "day"),
    [
        ("2026-03-10T00:00", 0, date(2026, 3, 10)),
        ("2026-03-10T23:59:59.999999", 0, date(2026, 3, 10)),
        ("2026-03-10T03:59:59.999999", 4, date(2026, 3, 9)),
        ("2026-03-10T04:00", 4, date(2026, 3, 10)),
        ("2026-01-01T00:30", 4, date(2025, 12, 31)),
        ("2024-03-01T01:00", 4, date(2024, 2, 29)),
        ("2026-03-10T11:59", 12, date(2026, 3, 9)),
    ],
)
def test_the_shops_day_begins_at_its_own_hour(local, day_starts_at, day):
    for zone in ("Asia/Karachi", "America/Los_Angeles", "UTC"):
        assert business_date(at(local, zone), day_starts_at) == day


def test_the_date_is_the_shops_and_not_the_one_in_greenwich():
    moment = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
    assert business_date(FixedClock(moment, "Asia/Karachi"), 0) == date(2026, 3, 11)
    assert business_date(FixedClock(moment, "America/New_York"), 0) == date(2026, 3, 10)


def test_the_night_in_which_an_hour_is_missing_has_one_beginning_of_the_day():
    # Berlin, 29 March 2026: 01:59:59 is followed by 03:00:00.
    before = FixedClock(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "Europe/Berlin")
    after = FixedClock(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin")
    for day_starts_at in (2, 3):
        assert business_date(before, day_starts_at) == date(2026, 3, 28)
        assert business_date(after, day_starts_at) == date(2026, 3, 29)


def test_the_night_in_which_an_hour_comes_twice_keeps_to_one_day():
    # Berlin, 25 October 2026: 02:00 to 02:59 comes twice.
    first = FixedClock(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin")
    second = FixedClock(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin")
    for day_starts_at, day in ((0, 25), (2, 25), (3, 24), (4, 24)):
        assert business_date(first, day_starts_at) == business_date(second, day_starts_at)
        assert business_date(first, day_starts_at) == date(2026, 10, day)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=400)), st.integers(0, 12))
def test_the_business_date_never_runs_backwards_without_daylight_saving(moment, later, day_starts_at):
    earlier = FixedClock(moment, "Asia/Karachi")
    after = FixedClock(moment + later, "Asia/Karachi")
    assert business_date(earlier, day_starts_at) <= business_date(after, day_starts_at)


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_a_timestamp_is_the_same_wherever_it_is_taken_and_reads_back(moment, offset_minutes):
    elsewhere = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    assert timestamp(elsewhere) == timestamp(moment)
    assert parse_timestamp(timestamp(moment)) == moment
    assert len(timestamp(moment)) == len("2026-11-23T08:15:00.000000Z")


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-23", "2026-11-23T08:15:00Z", "2026-11-23 08:15:00.000000Z", "2026-11-23T08:15:00.000000+",
     "2026-13-23T08:15:00.000000Z", "9999-99-99T99:99:99.999999Z", "2026-11-23T08:15:00.00+00:00"],
)  # fmt: skip
def test_other_text_is_no_timestamp(text):
    with pytest.raises(ValueError):
        parse_timestamp(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"])
@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_the_ends_of_the_calendar_are_moments_and_days_everywhere(text, hours):
    zone = timezone(timedelta(hours=hours))
    assert local_time(text, zone) == parse_timestamp(text)
    for starts_at in (0, 5, 23):
        assert business_date_at(parse_timestamp(text), zone, starts_at).year in (1, 9999)


@given(moments, moments)
def test_timestamps_sort_as_text_in_the_order_of_time(one, other):
    assert (timestamp(one) < timestamp(other)) == (one < other)


@given(moments, moments)
def test_the_next_timestamp_is_later_than_the_last_even_when_the_clock_was_set_back(now, last):
    following = next_timestamp(now, timestamp(last))
    assert following > timestamp(last)
    assert following in (timestamp(now), timestamp(last + timedelta(microseconds=1)))


@given(st.dates(date(1000, 1, 1)))
def test_every_day_of_the_calendar_is_a_date(day):
    assert check_date(day) == check_date(day.isoformat()) == day.isoformat()


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-W01-1", "٢٠٢٦-٠١-٠١", "2026-01-01T00:00"],
)
def test_what_is_no_day_of_the_calendar_is_refused(text):
    with pytest.raises(Refusal) as caught:
        check_date(text)
    assert caught.value.code == "date_invalid"


def test_a_moment_with_a_time_is_not_taken_for_a_date():
    with pytest.raises(Refusal):
        check_date(datetime(2026, 3, 10, 9, 0))


def test_the_pcs_clock_tells_utc():
    assert SystemClock().now().utcoffset() == timedelta(0)

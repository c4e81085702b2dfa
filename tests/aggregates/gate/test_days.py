"""Days and clocks of places, wherever clocks are set."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.gate.days import day_of, first_instant, jump_between, last_instant, next_day
from tests.aggregates.gate.instants import utc, wall

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
FIRST_OF_NOVEMBER = datetime.fromisoformat("2026-11-01")
YEARS = (datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2030-01-01"))
ZONES = (
    "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Sydney", "Australia/Lord_Howe",
    "Pacific/Chatham", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "Asia/Kathmandu",
    "America/Phoenix", "America/Sao_Paulo", "America/Havana", "Africa/Casablanca", "UTC",
)  # fmt: skip
# when clocks are set, and by how much
SET = [
    ("America/New_York", "2026-03-08T07:00", 60),
    ("America/New_York", "2026-11-01T06:00", -60),
    ("Europe/Berlin", "2026-03-29T01:00", 60),
    ("Europe/Berlin", "2026-10-25T01:00", -60),
    ("Europe/London", "2026-03-29T01:00", 60),
    ("Europe/London", "2026-10-25T01:00", -60),
    ("Australia/Sydney", "2026-04-04T16:00", -60),
    ("Australia/Sydney", "2026-10-03T16:00", 60),
    ("Australia/Lord_Howe", "2026-04-04T15:00", -30),
    ("Australia/Lord_Howe", "2026-10-03T15:30", 30),
    ("Pacific/Chatham", "2026-04-04T14:00", -60),
    ("Pacific/Chatham", "2026-09-26T14:00", 60),
    ("Africa/Cairo", "2026-04-23T22:00", 60),
]
zones = st.sampled_from(ZONES)
instants = st.datetimes(*YEARS).map(lambda at: utc(at.isoformat()))


@pytest.mark.parametrize(("zone", "at", "minutes"), SET)
def test_the_moment_clocks_are_set_is_found_to_the_second(zone: str, at: str, minutes: int) -> None:
    there, when = ZoneInfo(zone), utc(at)
    assert jump_between(when - 5 * HOUR, when + 3 * HOUR, there) == when
    assert jump_between(when, when + 3 * HOUR, there) is None
    assert jump_between(when - 5 * HOUR, when - SECOND, there) is None
    after, before = (t.astimezone(there).utcoffset() for t in (when, when - SECOND))
    assert after is not None
    assert before is not None
    assert after - before == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/London", "2026-10-25", 25),
        ("Australia/Sydney", "2026-04-05", 25),
        ("Australia/Sydney", "2026-10-04", 23),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Pacific/Chatham", "2026-04-05", 25),
        ("Africa/Cairo", "2026-04-24", 23),
        ("Asia/Kathmandu", "2026-03-29", 24),
        ("America/Phoenix", "2026-03-08", 24),
        ("America/Sao_Paulo", "2026-10-18", 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(zone: str, day: str, hours: float) -> None:
    there = ZoneInfo(zone)
    start = first_instant(datetime.fromisoformat(day), there)
    assert next_day(start, there) - start == hours * HOUR
    assert next_day(next_day(start, there) - SECOND, there) == next_day(start, there)


def test_where_there_is_no_midnight_the_day_starts_after_the_gap() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    start = next_day(utc("2026-04-23T12:00"), cairo)
    assert start == utc("2026-04-23T22:00")
    assert wall(start, "Africa/Cairo") == "2026-04-24T01:00:00"
    assert day_of(start - SECOND, cairo).isoformat() == "2026-04-23"


def test_a_day_may_start_in_the_middle_of_what_is_left_out() -> None:
    """On 30 March 1919 clocks in Toronto went from half past eleven to half past twelve."""
    toronto = ZoneInfo("America/Toronto")
    start = first_instant(datetime.fromisoformat("1919-03-31"), toronto)
    assert day_of(start, toronto).isoformat() == "1919-03-31"
    assert day_of(start - SECOND, toronto).isoformat() == "1919-03-30"
    assert wall(start, "America/Toronto") == "1919-03-31T00:30:00"


def test_of_two_midnights_the_first_starts_the_day() -> None:
    havana = ZoneInfo("America/Havana")
    start = first_instant(FIRST_OF_NOVEMBER, havana)
    assert start == utc("2026-11-01T04:00")
    assert last_instant(FIRST_OF_NOVEMBER, havana) == start + HOUR
    assert next_day(start, havana) - start == 25 * HOUR


@settings(deadline=None)
@given(zones, instants)
def test_the_next_day_begins_when_the_date_first_shows_it(zone: str, at: datetime) -> None:
    there = ZoneInfo(zone)
    start = next_day(at, there)
    assert start > at
    assert day_of(start, there) == day_of(at, there) + timedelta(days=1)
    assert day_of(start - SECOND, there) == day_of(at, there)

"""Quiet hours: by the customer's clock, wherever and whenever it is set."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.gate.quiet_hours import is_quiet, quiet_until
from aggregates.shop.messaging_rules import QuietHours
from tests.aggregates.gate.instants import utc, wall
from tests.aggregates.gate.test_days import SECOND, SET, instants, zones

NIGHT = QuietHours()
clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
early = st.builds("{:02}:{:02}".format, st.integers(0, 4), st.sampled_from([0, 15, 30, 59]))
windows = st.builds(QuietHours, start=clocks, end=clocks) | st.builds(
    QuietHours, start=early, end=early
)
SET_BACK_OR_FORTH = st.sampled_from(SET)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-11-21T20:59:59", False),
        ("2026-11-21T21:00:00", True),
        ("2026-11-21T23:59:59", True),
        ("2026-11-22T00:00:00", True),
        ("2026-11-22T08:59:59", True),
        ("2026-11-22T09:00:00", False),
    ],
)
def test_the_night_begins_with_its_first_second_and_ends_before_its_last(
    at: str, quiet: bool
) -> None:
    assert is_quiet(utc(at), ZoneInfo("UTC"), NIGHT) == quiet


def test_a_window_may_lie_within_one_day() -> None:
    siesta = QuietHours(start="13:00", end="15:00")
    madrid = ZoneInfo("Europe/Madrid")
    at = utc("2026-06-01T11:30")
    assert is_quiet(at, madrid, siesta)
    assert quiet_until(at, madrid, siesta) == utc("2026-06-01T13:00")
    assert not is_quiet(utc("2026-06-01T13:00"), madrid, siesta)


@pytest.mark.parametrize("hour", range(24))
def test_where_start_and_end_are_equal_it_is_never_quiet(hour: int) -> None:
    never = QuietHours(start="09:00", end="09:00")
    assert not is_quiet(utc(f"2026-11-21T{hour:02}:00"), ZoneInfo("UTC"), never)


@pytest.mark.parametrize(
    ("zone", "at", "until"),
    [
        ("UTC", "2026-11-21T21:00", "2026-11-22T09:00"),
        ("UTC", "2026-11-22T03:00", "2026-11-22T09:00"),
        ("Europe/Berlin", "2026-03-28T21:00", "2026-03-29T07:00"),
        ("Europe/Berlin", "2026-10-24T20:00", "2026-10-25T08:00"),
        ("Europe/London", "2026-03-28T22:00", "2026-03-29T08:00"),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T13:00"),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T14:00"),
        ("Australia/Sydney", "2026-04-04T11:00", "2026-04-04T23:00"),
        ("Australia/Sydney", "2026-10-03T12:00", "2026-10-03T22:00"),
        ("Australia/Lord_Howe", "2026-04-04T11:00", "2026-04-04T22:30"),
        ("Australia/Lord_Howe", "2026-10-03T11:00", "2026-10-03T22:00"),
        ("Pacific/Chatham", "2026-04-04T08:00", "2026-04-04T20:15"),
        ("Pacific/Chatham", "2026-09-26T09:00", "2026-09-26T19:15"),
        ("Africa/Cairo", "2026-04-23T20:00", "2026-04-24T06:00"),
        ("Asia/Kathmandu", "2026-03-29T16:00", "2026-03-30T03:15"),
        ("America/Phoenix", "2026-03-08T05:00", "2026-03-08T16:00"),
        ("America/Sao_Paulo", "2026-10-18T01:00", "2026-10-18T12:00"),
    ],
)
def test_the_night_lasts_until_nine_by_the_clock(zone: str, at: str, until: str) -> None:
    there = ZoneInfo(zone)
    assert is_quiet(utc(at), there, NIGHT)
    assert quiet_until(utc(at), there, NIGHT) == utc(until)
    assert wall(utc(until), zone).endswith("T09:00:00")


@pytest.mark.parametrize(
    ("zone", "hours", "at", "until"),
    [
        # the end is left out: the first instant after the gap
        ("Europe/Berlin", ("22:00", "02:30"), "2026-03-28T23:00", "2026-03-29T01:00"),
        ("Africa/Cairo", ("21:00", "00:30"), "2026-04-23T20:00", "2026-04-23T22:00"),
        ("Australia/Lord_Howe", ("22:00", "02:15"), "2026-10-03T13:00", "2026-10-03T15:30"),
        # the end comes twice: its first time, and then its second
        ("Europe/Berlin", ("22:00", "02:30"), "2026-10-24T23:00", "2026-10-25T00:30"),
        ("Europe/Berlin", ("22:00", "02:30"), "2026-10-25T01:15", "2026-10-25T01:30"),
        ("Australia/Lord_Howe", ("22:00", "01:45"), "2026-04-04T14:00", "2026-04-04T14:45"),
        ("Australia/Lord_Howe", ("22:00", "01:45"), "2026-04-04T15:05", "2026-04-04T15:15"),
        # clocks are set back to before the start
        ("Europe/Berlin", ("02:30", "09:00"), "2026-10-25T00:45", "2026-10-25T01:00"),
        # the only loud minutes of a day are left out
        ("Europe/Berlin", ("02:45", "02:30"), "2026-03-28T20:00", "2026-03-30T00:30"),
    ],
)
def test_where_clocks_are_set_the_first_loud_instant_counts(
    zone: str, hours: tuple[str, str], at: str, until: str
) -> None:
    there, window = ZoneInfo(zone), QuietHours(start=hours[0], end=hours[1])
    assert is_quiet(utc(at), there, window)
    assert quiet_until(utc(at), there, window) == utc(until)


def test_nine_in_the_morning_in_london_is_the_evening_in_sydney() -> None:
    for at, shown in (("2026-01-10T09:00", "20:00"), ("2026-07-10T08:00", "18:00")):
        assert wall(utc(at), "Europe/London").endswith("T09:00:00")
        assert f"T{shown}" in wall(utc(at), "Australia/Sydney")


@settings(deadline=None, max_examples=300)
@given(zones, instants, windows)
def test_it_is_quiet_until_exactly_then(zone: str, at: datetime, hours: QuietHours) -> None:
    _quiet_until_then(zone, at, hours)


@settings(deadline=None, max_examples=300)
@given(SET_BACK_OR_FORTH, st.integers(-90_000, 90_000), windows)
def test_so_it_is_around_every_setting_of_clocks(
    setting: tuple[str, str, int], seconds: int, hours: QuietHours
) -> None:
    zone, when, _ = setting
    _quiet_until_then(zone, utc(when) + timedelta(seconds=seconds), hours)


def _quiet_until_then(zone: str, at: datetime, hours: QuietHours) -> None:
    there = ZoneInfo(zone)
    if not is_quiet(at, there, hours):
        return
    until = quiet_until(at, there, hours)
    assert until > at
    assert not is_quiet(until, there, hours)
    assert is_quiet(until - SECOND, there, hours)
    minute, first = timedelta(minutes=1), at.replace(second=0, microsecond=0)
    for step in range(1, min(3_000, (until - first) // minute)):  # clocks are set at full minutes
        assert is_quiet(first + step * minute, there, hours)

"""Quiet hours: by the customer's clock, wherever and whenever it is set."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aggregates.gate.quiet_hours import is_quiet, quiet_until
from aggregates.shop.quiet_hours import WEEK, QuietHours, Weekday
from tests.aggregates.gate.instants import utc, wall
from tests.aggregates.gate.test_days import SECOND, SET, instants, zones

NIGHT, ALWAYS = QuietHours(), QuietHours(days=frozenset(WEEK))
QUARTER = timedelta(minutes=15)
clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
early = st.builds("{:02}:{:02}".format, st.integers(0, 4), st.sampled_from([0, 15, 30, 59]))
windows = st.builds(QuietHours, start=clocks, end=clocks) | st.builds(
    QuietHours, start=early, end=early
)
weekdays = st.frozensets(st.sampled_from(WEEK[4:]))
dates = st.frozensets(
    st.sampled_from(["12-25", "12-26", "2026-03-29", "2026-10-25", "2026-11-01", "2026-04-24"])
)
SUNDAYS = QuietHours(days=frozenset({"sunday"}), dates=frozenset({"12-25", "2026-12-26"}))
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
    assert quiet_until(at, [madrid], siesta) == utc("2026-06-01T13:00")
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
    assert quiet_until(utc(at), [there], NIGHT) == utc(until)
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
    assert quiet_until(utc(at), [there], window) == utc(until)


def test_nine_in_the_morning_in_london_is_the_evening_in_sydney() -> None:
    for at, shown in (("2026-01-10T09:00", "20:00"), ("2026-07-10T08:00", "18:00")):
        assert wall(utc(at), "Europe/London").endswith("T09:00:00")
        assert f"T{shown}" in wall(utc(at), "Australia/Sydney")


@pytest.mark.parametrize(
    ("zone", "at", "until"),
    [
        # Saturday's night ends on Monday, wherever and however long the Sunday is
        ("UTC", "2026-11-21T22:00", "2026-11-23T09:00"),
        ("UTC", "2026-11-22T12:00", "2026-11-23T09:00"),
        ("Europe/Berlin", "2026-03-28T20:00", "2026-03-30T07:00"),
        ("Europe/Berlin", "2026-10-24T19:00", "2026-10-26T08:00"),
        ("America/New_York", "2026-11-01T15:00", "2026-11-02T14:00"),
        ("Africa/Cairo", "2026-04-26T10:00", "2026-04-27T06:00"),
        # Christmas, of any year, the day after, of this one, and a Sunday
        ("UTC", "2026-12-24T21:00", "2026-12-28T09:00"),
        ("UTC", "2025-12-24T21:00", "2025-12-26T09:00"),
    ],
)
def test_on_quiet_days_no_hour_is_loud(zone: str, at: str, until: str) -> None:
    there = ZoneInfo(zone)
    assert is_quiet(utc(at), there, SUNDAYS)
    assert quiet_until(utc(at), [there], SUNDAYS) == utc(until)


def test_a_quiet_day_begins_and_ends_at_midnight_where_no_hours_are_quiet() -> None:
    only, berlin = (
        QuietHours("00:00", "00:00", days=frozenset({"sunday"})),
        ZoneInfo("Europe/Berlin"),
    )
    first, last = utc("2026-10-24T22:00"), utc("2026-10-25T23:00")  # 25 hours
    assert not is_quiet(first - SECOND, berlin, only)
    assert is_quiet(first, berlin, only)
    assert is_quiet(last - SECOND, berlin, only)
    assert quiet_until(first, [berlin], only) == last


def test_where_it_may_be_any_of_several_zones_it_must_be_loud_in_all() -> None:
    coasts = [ZoneInfo("America/New_York"), ZoneInfo("Pacific/Honolulu")]
    nine_in_new_york, nine_in_hawaii = utc("2026-11-20T14:00"), utc("2026-11-20T19:00")
    assert quiet_until(nine_in_new_york - SECOND, coasts, NIGHT) == nine_in_hawaii
    assert quiet_until(nine_in_new_york, coasts, NIGHT) == nine_in_hawaii
    night_in_new_york = utc("2026-11-21T02:00")
    assert quiet_until(night_in_new_york, coasts, NIGHT) == nine_in_hawaii + timedelta(days=1)


def test_where_no_instant_is_loud_in_all_there_is_none_to_wait_for() -> None:
    russia = [ZoneInfo("Europe/Kaliningrad"), ZoneInfo("Asia/Kamchatka")]
    assert quiet_until(utc("2026-11-20T12:00"), russia, NIGHT) == utc("2026-11-21T07:00")
    assert quiet_until(utc("2026-11-20T12:00"), russia, QuietHours("19:00", "09:00")) is None
    assert quiet_until(utc("2026-11-20T12:00"), russia[:1], ALWAYS) is None


@settings(deadline=None, max_examples=300)
@given(st.lists(zones, min_size=1, max_size=4), instants, clocks, clocks, weekdays, dates)
def test_it_is_quiet_in_some_zone_until_exactly_then(
    names: list[str], at: datetime, start: str, end: str, days: frozenset[Weekday],
    on: frozenset[str],
) -> None:  # fmt: skip
    there, hours = [ZoneInfo(name) for name in names], QuietHours(start, end, days=days, dates=on)
    assume(any(is_quiet(at, zone, hours) for zone in there))
    until = quiet_until(at, there, hours)
    most = (62 if on else 8) * 96
    quarters = (at.replace(second=0, microsecond=0) + n * QUARTER for n in range(1, most))
    loud = (one for one in quarters if not any(is_quiet(one, zone, hours) for zone in there))
    first = next(loud, None)
    if until is None:
        assert first is None
        return
    assert first is None or until <= first
    assert until > at
    assert not any(is_quiet(until, zone, hours) for zone in there)
    assert any(is_quiet(until - SECOND, zone, hours) for zone in there)


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
    until = quiet_until(at, [there], hours)
    assert until is not None
    assert until > at
    assert not is_quiet(until, there, hours)
    assert is_quiet(until - SECOND, there, hours)
    minute, first = timedelta(minutes=1), at.replace(second=0, microsecond=0)
    for step in range(1, min(3_000, (until - first) // minute)):  # clocks are set at full minutes
        assert is_quiet(first + step * minute, there, hours)

"""Hours in which no message may make a noise, by the customer's clock."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, tzinfo

from aggregates.gate.days import DAY, day_of, first_instant, jump_between, last_instant
from aggregates.shop.quiet_hours import QuietHours

A_WEEK_AND_ONE, TWO_MONTHS = 8 * DAY, 62 * DAY  # there are fewer dates than that


def is_quiet(at: datetime, zone: tzinfo, hours: QuietHours) -> bool:
    """On quiet days, and from the start on, until just before the end; over midnight where the
    end is smaller."""
    there = at.astimezone(zone)
    wall, start, end = there.time(), _clock(hours.start), _clock(hours.end)
    if start <= end:
        return start <= wall < end or hours.is_quiet_day(there.date())
    return wall >= start or wall < end or hours.is_quiet_day(there.date())


def quiet_until(at: datetime, zones: Sequence[tzinfo], hours: QuietHours) -> datetime | None:
    """The first instant after `at` that is quiet in none of the zones, UTC; None where there is
    none in the next week, or two months where dates are quiet: as good as never."""
    until, latest = at, at + (TWO_MONTHS if hours.dates else A_WEEK_AND_ONE)
    while until < latest:
        quiet = [zone for zone in zones if is_quiet(until, zone, hours)]
        if not quiet:
            return until
        until = max(_quiet_until(until, zone, hours) or latest for zone in quiet)
    return None


def quiet_from(at: datetime, zones: Sequence[tzinfo], hours: QuietHours) -> datetime | None:
    """The first instant after the loud `at` that is quiet in any of the zones, UTC; None where
    there is none in the next two months."""
    begins = [one for zone in zones if (one := _quiet_from(at, zone, hours))]
    return min(begins, default=None)


def _quiet_from(at: datetime, zone: tzinfo, hours: QuietHours) -> datetime | None:
    if hours.start == hours.end and not hours.days and not hours.dates:
        return None
    changes = _changes(at, zone, hours, hours.start)
    return next((one for one in changes if is_quiet(one, zone, hours)), None)


def _quiet_until(at: datetime, zone: tzinfo, hours: QuietHours) -> datetime | None:
    changes = _changes(at, zone, hours, hours.end)
    return next((one for one in changes if not is_quiet(one, zone, hours)), None)


def _changes(at: datetime, zone: tzinfo, hours: QuietHours, edge: str) -> Iterator[datetime]:
    """The instants after `at` at which the quiet may begin or end, in order: clocks show that edge
    of it or a new day, or they are set."""
    walls = [_clock(edge), *([time.min] if hours.days or hours.dates else [])]
    today, after = day_of(at, zone), at
    for day in (today + number * DAY for number in range(TWO_MONTHS // DAY)):
        shown = [told(datetime.combine(day, w), zone) for w in walls for told in _FIRST_AND_LAST]
        until = first_instant(datetime.combine(day + DAY, time.min), zone)
        jump = jump_between(after, until, zone) if after < until else None
        yield from sorted(one for one in {*shown, jump or at} if one > at)
        after = until


def _clock(text: str) -> time:
    return time.fromisoformat(text)


_FIRST_AND_LAST = (first_instant, last_instant)  # where clocks show it twice

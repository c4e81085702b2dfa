"""Hours in which no message may make a noise, by the customer's clock."""

from collections.abc import Iterator
from datetime import datetime, time, tzinfo

from aggregates.gate.days import DAY, day_of, first_instant, jump_between, last_instant
from aggregates.shop.messaging_rules import QuietHours

_DAYS = 4  # a day whose only loud minute is skipped is followed by one where it is not


def is_quiet(at: datetime, zone: tzinfo, hours: QuietHours) -> bool:
    """From the start on, until just before the end; over midnight where the end is smaller."""
    wall = at.astimezone(zone).time()
    start, end = _clock(hours.start), _clock(hours.end)
    if start <= end:
        return start <= wall < end
    return wall >= start or wall < end


def quiet_until(at: datetime, zone: tzinfo, hours: QuietHours) -> datetime:
    """The first instant after the quiet `at` that is not quiet. UTC."""
    end = next(one for one in _ends(at, zone, hours) if not is_quiet(one, zone, hours))
    jump = jump_between(at, end, zone)  # clocks that are set may leave the quiet hours before
    return end if jump is None or is_quiet(jump, zone, hours) else jump


def _ends(at: datetime, zone: tzinfo, hours: QuietHours) -> Iterator[datetime]:
    """When clocks show the end after `at`, in order."""
    today, end = day_of(at, zone), _clock(hours.end)
    for number in range(_DAYS):
        wall = datetime.combine(today + number * DAY, end)
        for instant in (first_instant(wall, zone), last_instant(wall, zone)):
            if instant > at:
                yield instant


def _clock(text: str) -> time:
    return time.fromisoformat(text)

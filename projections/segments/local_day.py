"""The day and the quiet hours of a time zone, as they are at a moment and until they change."""

from collections.abc import Iterator
from datetime import datetime, time, tzinfo
from functools import lru_cache
from typing import NamedTuple

from aggregates.gate.days import (
    DAY,
    day_of,
    first_instant,
    jump_between,
    last_instant,
    next_day,
)
from aggregates.gate.quiet_hours import is_quiet, quiet_until
from aggregates.gate.zones import Whereabouts, place_of
from aggregates.shop.messaging_rules import QuietHours
from aggregates.shop.settings import Settings

AT_HAND = 2_000  # days of zones: those of a moment or two, whatever number of rules asks
_DAYS = 4  # as quiet hours end within them, so they begin


class LocalDay(NamedTuple):
    """`quiet_turns_at` is None where no hour is quiet."""

    zone: str
    begins: datetime
    ends: datetime
    is_quiet: bool
    quiet_turns_at: datetime | None


def shop_zone(shop: Settings) -> str:
    """Of customers of whom no better one is known."""
    return place_of(Whereabouts(shop=shop.clock.time_zone)).name


@lru_cache(maxsize=AT_HAND)
def local_day(name: str, hours: QuietHours, at: datetime) -> LocalDay:
    zone = place_of(Whereabouts(explicit=name)).zone
    midnight = datetime.combine(day_of(at, zone), time())
    quiet = is_quiet(at, zone, hours)
    turns = quiet_until(at, zone, hours) if quiet else quiet_from(at, zone, hours)
    return LocalDay(name, first_instant(midnight, zone), next_day(at, zone), quiet, turns)


def quiet_from(at: datetime, zone: tzinfo, hours: QuietHours) -> datetime | None:
    """The first quiet instant after `at`, which is not quiet. UTC."""
    begins = next((one for one in _begins(at, zone, hours) if is_quiet(one, zone, hours)), None)
    jump = jump_between(at, begins, zone) if begins else None  # clocks may be set into them
    return jump if jump is not None and is_quiet(jump, zone, hours) else begins


def _begins(at: datetime, zone: tzinfo, hours: QuietHours) -> Iterator[datetime]:
    """When clocks show the start after `at`, in order."""
    today, start = day_of(at, zone), time.fromisoformat(hours.start)
    for number in range(_DAYS):
        wall = datetime.combine(today + number * DAY, start)
        for instant in (first_instant(wall, zone), last_instant(wall, zone)):
            if instant > at:
                yield instant

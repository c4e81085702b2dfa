"""The day and the quiet hours of a place, as they are at a moment and until they change."""

from datetime import datetime, time
from functools import lru_cache
from typing import NamedTuple

from aggregates.gate.days import day_of, first_instant, next_day
from aggregates.gate.quiet_hours import is_quiet, quiet_from, quiet_until
from aggregates.profile.channels import Channel
from aggregates.shop.quiet_hours import QuietHours
from aggregates.shop.settings import Settings
from projections.places import place_at

AT_HAND = 2_000  # days of places: those of a moment or two, whatever number of rules asks


class LocalDay(NamedTuple):
    """`quiet_turns_at` is None where no hour is quiet, or none is loud for months."""

    place: str
    begins: datetime
    ends: datetime
    is_quiet: bool
    quiet_turns_at: datetime | None


class Noise(NamedTuple):
    """Quiet hours where they hold."""

    start: str
    end: str
    days: frozenset[str]
    dates: frozenset[str]


def local_day(place: str, channel: Channel, shop: Settings, at: datetime) -> LocalDay:
    """`place` is its key. Channels that make no noise there have no quiet hours."""
    hours = shop.messaging.quiet_hours.within(place_at(place, None).regions)
    noise = Noise(hours.start, hours.end, hours.days, hours.dates)
    return _day(place, shop.clock.time_zone, None if channel in hours.exempt else noise, at)


@lru_cache(maxsize=AT_HAND)
def _day(key: str, shop: str | None, noise: Noise | None, at: datetime) -> LocalDay:
    place = place_at(key, shop)
    midnight = datetime.combine(day_of(at, place.zone), time())
    begins, ends = first_instant(midnight, place.zone), next_day(at, place.zone)
    if noise is None:
        return LocalDay(key, begins, ends, is_quiet=False, quiet_turns_at=None)
    hours = QuietHours(**noise._asdict())
    zones = [one.zone for one in place.each]
    quiet = any(is_quiet(at, zone, hours) for zone in zones)
    turns = quiet_until(at, zones, hours) if quiet else quiet_from(at, zones, hours)
    return LocalDay(key, begins, ends, quiet, turns)

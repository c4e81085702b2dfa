"""Instants, days and clocks of a place.

Only instants are turned into local times, never the other way round by arithmetic: a local time
may not exist, or twice.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo

DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def day_of(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()


def next_day(at: datetime, zone: tzinfo) -> datetime:
    """The first instant (UTC) of the local day after that of `at`; midnight may not exist."""
    return first_instant(datetime.combine(day_of(at, zone) + DAY, datetime.min.time()), zone)


def first_instant(wall: datetime, zone: tzinfo) -> datetime:
    """When clocks there first show `wall`, or jump over it. UTC."""
    early = _shown(wall, zone, 0)
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    return jump_between(_shown(wall, zone, 1) - _SECOND, early, zone) or early


def last_instant(wall: datetime, zone: tzinfo) -> datetime:
    """As `first_instant`, where clocks show it twice the second time."""
    return max(first_instant(wall, zone), _shown(wall, zone, 1))


def jump_between(after: datetime, until: datetime, zone: tzinfo) -> datetime | None:
    """When clocks there are set, after `after` and not after `until`; at most once in that time."""
    low, high = after.replace(microsecond=0), until  # clocks are set at whole seconds
    before = _offset(low, zone)
    if _offset(high, zone) == before:
        return None
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def _shown(wall: datetime, zone: tzinfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _offset(at: datetime, zone: tzinfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()

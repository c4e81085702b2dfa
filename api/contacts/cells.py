"""What stands in one cell: a flag, a number, an instant, a day; everything else is a text."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from aggregates.profile.events.properties import Moment, Value

# what software writes for nothing; not Null, which is a name
EMPTY = frozenset({"", "null", "NULL", "none", "None", "n/a", "N/A", "nan", "NaN"})
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?")  # what a float keeps exactly
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)"
    r" ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY = re.compile(
    r"(?P<y>[0-9]{4})-?(?P<m>[0-9]{2})-?(?P<d>[0-9]{2})"
    r"|(?P<dd>[0-9]{1,2})\.(?P<mm>[0-9]{1,2})\.(?P<yy>[0-9]{4})"
    r"|(?P<one>[0-9]{1,2})/(?P<other>[0-9]{1,2})/(?P<yyyy>[0-9]{4})"
)


def flag(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def number(text: str) -> float | None:
    """Not what begins with a zero or a plus: postcodes and phone numbers are no numbers."""
    return float(text) if _NUMBER.fullmatch(text) else None


def moment(text: str) -> Moment | None:
    at = instant(text)
    return Moment(at) if at and not day(text) else None


def instant(text: str) -> datetime | None:
    """UTC where no zone is written; a day is its first moment."""
    if found := _INSTANT.fullmatch(text):
        zone = (found[5] or "Z").replace("UTC", "Z")
        return _utc(f"{found[1]}T{found[2]}{zone}")
    first = day(text)
    return datetime.combine(first, datetime.min.time(), UTC) if first else None


def day(text: str) -> date | None:
    """1980-12-24, 19801224, 24.12.1980, and 12/24/1980 or 24/12/1980 where only one is possible."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    parts = {name: int(digits) for name, digits in found.groupdict().items() if digits}
    if "one" in parts:
        return _slashed(parts["one"], parts["other"], parts["yyyy"])
    return _date(*parts.values()) if "y" in parts else _date(parts["yy"], parts["mm"], parts["dd"])


KINDS: Mapping[str, Callable[[str], Value | None]] = {
    "flag": flag,
    "number": number,
    "instant": moment,
}


def _slashed(one: int, other: int, year: int) -> date | None:
    if one != other and max(one, other) <= 12:
        return None  # some write the day first, some the month
    return _date(year, min(one, other), max(one, other))


def _date(year: int, month: int, day_of_month: int) -> date | None:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None


def _utc(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

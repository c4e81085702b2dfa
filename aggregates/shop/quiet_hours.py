"""In which hours, on which days, and where, a shop's messages must make no noise."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from aggregates.profile.channels import Channel

MAX_REGIONS = 60  # of one shop
MAX_DATES = 60  # of one region; they travel with every question

Clock: TypeAlias = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](?!\n)$")]
Weekday: TypeAlias = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]
# of one year, or of every year
Date: TypeAlias = Annotated[
    str, Meta(pattern=r"^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(?!\n)$")
]
Weekdays: TypeAlias = frozenset[Weekday]
Dates: TypeAlias = Annotated[frozenset[Date], Meta(max_length=MAX_DATES)]
Entry: TypeAlias = dict[str, str | tuple[str, ...]]
LEAP_YEAR = "2024"
WEEK: tuple[Weekday, ...] = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


class RegionHours(Struct, frozen=True, forbid_unknown_fields=True):
    """What is otherwise in one country, or one region of it. Null is as in the whole country, and
    where that says nothing either, as anywhere."""

    start: Clock | None = None
    end: Clock | None = None
    exempt: frozenset[Channel] | None = None
    days: Weekdays | None = None
    dates: Dates | None = None


class QuietHours(Struct, frozen=True, forbid_unknown_fields=True):
    """From `start` until just before `end` by the customer's clock, over midnight where the end
    is the smaller one; equal ones mean never. `exempt` channels make no noise.

    On `days` of the week and on `dates` (`2026-12-25`, or `12-25` for every year) it is quiet from
    midnight to midnight. `regions` are ISO 3166 codes of countries (`FR`) or of their regions
    (`US-FL`), with what is otherwise there; null takes one out.
    """

    start: Clock = "21:00"
    end: Clock = "09:00"
    exempt: frozenset[Channel] = frozenset({"email"})
    days: Weekdays = frozenset()
    dates: Dates = frozenset()
    regions: Annotated[dict[str, RegionHours | None], Meta(max_length=MAX_REGIONS)] = {}

    def within(self, regions: Sequence[str]) -> "QuietHours":
        """As they are where all of these hold; the narrowest is named first."""
        hours = self
        for name in reversed(regions):
            if (there := self.regions.get(name)) is not None:
                hours = replace(hours, **_said(there))
        return hours

    def is_quiet_day(self, day: date) -> bool:
        if not self.days and not self.dates:
            return False
        name = day.isoformat()
        return WEEK[day.weekday()] in self.days or not self.dates.isdisjoint({name, name[5:]})


def widening(region: str) -> tuple[str, ...]:
    """A region and the country it is in."""
    country = region.partition("-")[0]
    return (region,) if region == country else (region, country)


def no_dates(hours: QuietHours) -> Iterator[tuple[str, str]]:
    """The field, and a date in it that no calendar has."""
    for region, there in sorted(hours.regions.items()):
        for one in _no_dates(there.dates if there else None):
            yield f"regions.{region}.dates", one
    for one in _no_dates(hours.dates):
        yield "dates", one


def entry_of(hours: RegionHours | None) -> Entry | None:
    """As an event tells it: what is said, sets in order."""
    if hours is None:
        return None
    said = _said(hours).items()
    return {name: told if isinstance(told, str) else tuple(sorted(told)) for name, told in said}


def hours_of(entry: Entry) -> RegionHours:
    """Whatever was once allowed; what is not known any more, or not yet, is left out."""
    return replace(
        RegionHours(),
        **{
            name: told if isinstance(told, str) else frozenset(told)
            for name, told in entry.items()
            if name in RegionHours.__struct_fields__
        },
    )


def _said(hours: RegionHours) -> dict[str, str | frozenset[str]]:
    return {name: told for name, told in asdict(hours).items() if told is not None}


def _no_dates(dates: frozenset[str] | None) -> Iterator[str]:
    for one in sorted(dates or ()):
        try:
            date.fromisoformat(one if len(one) > len("12-25") else f"{LEAP_YEAR}-{one}")
        except ValueError:
            yield one

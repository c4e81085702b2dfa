"""By which clock a customer lives: as they say, else by address, phone, the shop, else UTC."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregates.gate.dialling import country_or_zone
from aggregates.gate.facts import Place, ZoneFrom
from aggregates.gate.regions import zone_of_region

_ALIKE = 1_461  # days over which zones must agree to be one: four years
_FROM = datetime(2025, 1, 1, tzinfo=UTC)


class Whereabouts(NamedTuple):
    """What is known of where a customer lives. `addresses` are (country, region) pairs, the most
    telling first; `phone` is in E.164."""

    explicit: str | None = None
    addresses: tuple[tuple[str | None, str | None], ...] = ()
    phone: str | None = None
    shop: str | None = None


def place_of(known: Whereabouts) -> Place:
    """The first that names a zone we have."""
    for known_from, name in _named(known):
        if name is not None and (zone := zone_named(name)) is not None:
            return Place(name, known_from, zone)
    return Place()


def _named(known: Whereabouts) -> Iterator[tuple[ZoneFrom, str | None]]:
    yield "explicit", known.explicit
    for country, region in known.addresses:
        yield "address", zone_of(country, region)
    if known.phone is not None:
        yield "phone", _of_phone(known.phone)
    yield "shop", known.shop


def zone_of(country: str | None, region: str | None) -> str | None:
    """None where there are several, and the region does not say which."""
    code = (country or "").strip().upper()
    by_region = zone_of_region(code, region) if region else None
    return by_region or only_zone(code)


@lru_cache(maxsize=1_000)
def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder's name is an OSError
        return None


@lru_cache(maxsize=1_000)
def only_zone(country: str) -> str | None:
    """The zone of a country whose clocks all show the same."""
    zones = _by_country().get(country, ())
    return zones[0] if zones and _agree(map(ZoneInfo, zones)) else None


def _agree(zones: Iterable[ZoneInfo]) -> bool:
    first, *others = zones
    instants = [_FROM + timedelta(hours=6 * n) for n in range(4 * _ALIKE)] if others else []
    return all(
        at.astimezone(first).utcoffset() == at.astimezone(other).utcoffset()
        for other in others
        for at in instants
    )


@lru_cache(maxsize=1)
def _by_country() -> dict[str, tuple[str, ...]]:
    """From the table that comes with the time zones: country, coordinates, zone."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found[country] = (*found.get(country, ()), zone)
    return found


def _of_phone(number: str) -> str | None:
    found = country_or_zone(number)
    return found if found is None or "/" in found else only_zone(found)

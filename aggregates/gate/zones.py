"""By which clock a customer lives: as they say, else by address, phone, the shop, else UTC; and
whose rules hold there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregates.gate.dialling import whence
from aggregates.gate.facts import Place, ZoneFrom
from aggregates.gate.regions import code_of, may_be_code, zones_of_region

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
    """The first that names one zone we have. Where there are only such as name several, days are
    the shop's, and all of these are possible."""
    one = next((each for each in _told(known) if len(each.zones) == 1), None)
    if one is not None:
        regions = one.regions or _regions(known) or _country_of(one.zones[0])
        return _place(one.zones[0], one.known_from, regions)
    home = _place(known.shop, "shop") if known.shop and zone_named(known.shop) else Place()
    several = next((each for each in _told(known) if each.zones), _Told("default"))
    possible = tuple(_place(name, several.known_from) for name in several.zones)
    return home._replace(regions=several.regions or _regions(known), possible=possible)


class _Told(NamedTuple):
    """What one of the things we know of a customer says."""

    known_from: ZoneFrom
    zones: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


def _told(known: Whereabouts) -> Iterator[_Told]:
    if known.explicit is not None:
        yield _Told("explicit", _those_we_have(known.explicit))
    for country, region in known.addresses:
        yield _of_address(country, region)
    if known.phone is not None:
        yield _of_phone(known.phone)


@lru_cache(maxsize=10_000)
def _of_address(country: str | None, region: str | None) -> _Told:
    return _Told("address", zones_of(country, region), regions_of(country, region))


@lru_cache(maxsize=10_000)
def _place(name: str, known_from: ZoneFrom, regions: tuple[str, ...] = ()) -> Place:
    return Place(name, known_from, ZoneInfo(name), regions)


def _regions(known: Whereabouts) -> tuple[str, ...]:
    return next((each.regions for each in _told(known) if each.regions), ())


def _those_we_have(name: str | None) -> tuple[str, ...]:
    return (name,) if name is not None and zone_named(name) is not None else ()


def zones_of(country: str | None, region: str | None) -> tuple[str, ...]:
    """All it may be: several where the country has several, and the region does not say which."""
    code = _code(country)
    return (zones_of_region(code, region) if region else ()) or clocks_of(code)


def regions_of(country: str | None, region: str | None) -> tuple[str, ...]:
    """By their codes, the narrowest first."""
    code = _code(country)
    narrow = code_of(code, region) if code and region else None
    return (narrow, code) if narrow else (code,) if code else ()


def is_region(name: str) -> bool:
    """Whether it is the code of a country or one of its regions, as far as we know these."""
    country, dash, region = name.partition("-")
    return country in _by_country() and (not dash or may_be_code(country, region))


def _code(country: str | None) -> str:
    return (country or "").strip().upper()


@lru_cache(maxsize=1_000)
def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder's name is an OSError
        return None


@lru_cache(maxsize=1_000)
def clocks_of(country: str) -> tuple[str, ...]:
    """Its zones, without those whose clocks show the same as another's."""
    zones = _by_country().get(country, ())
    if len(zones) < 2:
        return zones
    shown: dict[tuple[timedelta | None, ...], str] = {}
    for zone in zones:
        shown.setdefault(_offsets(ZoneInfo(zone)), zone)
    return tuple(shown.values())


def _offsets(zone: ZoneInfo) -> tuple[timedelta | None, ...]:
    return tuple(at.astimezone(zone).utcoffset() for at in _instants())


@lru_cache(maxsize=1)
def _instants() -> tuple[datetime, ...]:
    return tuple(_FROM + timedelta(days=n) for n in range(_ALIKE))


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


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    return {zone: country for country, zones in _by_country().items() for zone in zones}


def _country_of(zone: str) -> tuple[str, ...]:
    country = _countries().get(zone)
    return (country,) if country else ()


def _of_phone(number: str) -> _Told:
    found = whence(number)
    if found and "/" in found[0]:
        return _Told("phone", found, _country_of(found[0]))
    zones = tuple(zone for country in found for zone in clocks_of(country))
    return _Told("phone", zones, found if len(found) == 1 else ())

"""The body of PUT /v1/shop/settings: what somebody wants of the settings, and what he left out."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder
from msgspec.structs import replace

from aggregates.shop.quiet_hours import RegionHours
from aggregates.shop.settings import Reason, Regions, Settings
from api import wire
from api.asked import BIGINT
from api.errors import Fault, Problem, invalid
from api.plain_json import NAME_AT_MOST

P = TypeVar("P", bound=Struct)
REGIONS = "messaging.quiet_hours.regions"
_ETAGS = re.compile(r'(?:W/)?"[^"]*"(?:\s*,\s*(?:W/)?"[^"]*")*')
_ETAG = re.compile(r'(W/)?"([0-9]{1,18})"')


class SettingsAsked(Settings, frozen=True, forbid_unknown_fields=True):
    """The settings or a part of them; members left out, at whatever depth, stay as they are.

    A set, such as `identity.blocked`, is replaced as a whole. `reason` is kept in the history.
    `version` is the one that was read: if there is a newer one, nothing is changed.
    """

    reason: Reason | None = None
    version: Annotated[int, Meta(ge=0, le=BIGINT)] | None = None
    changed_at: datetime | None = None  # these two may be sent back as they were read
    warnings: tuple[str, ...] = ()


class Asked(Struct, frozen=True):
    """`seen` are the versions any of which the asker has in mind; None if he does not care."""

    wanted: Settings
    given: Mapping[str, object]
    reason: str | None
    seen: frozenset[int] | None

    def over(self, settings: Settings) -> Settings:
        return _over(settings, self.wanted, self.given)


def asked_of(body: bytes, if_match: str | None) -> Asked:
    """Raises Problem."""
    told = _read(body)
    seen = _versions(if_match)
    if told.version is not None:
        seen = frozenset({told.version}) if seen is None else seen & {told.version}
    return Asked(told, msgspec.json.decode(body), told.reason, seen)


def etag(version: int) -> str:
    return f'"{version}"'


def _read(body: bytes) -> SettingsAsked:
    try:
        return wire.whole(_ASKED, body)
    except Problem as problem:
        if any(fault.field.startswith(f"{REGIONS}[") for fault in problem.errors):
            _read_regions(body)
        raise


def _read_regions(body: bytes) -> None:
    """One by one, as a fault in all of them together does not say in which. Raises Problem."""
    below = Raw(body)
    for name in REGIONS.split("."):
        below = wire.members(bytes(below))[name]
    for region, hours in wire.members(bytes(below)).items():
        wire.read(_HOURS, hours, f"{REGIONS}.{region[:NAME_AT_MOST]}")


def _over(held: P, wanted: Struct, given: Mapping[str, object]) -> P:
    changed: dict[str, object] = {}
    for name in given.keys() & {*held.__struct_fields__}:
        was, below = getattr(held, name), given[name]
        changed[name] = getattr(wanted, name)
        if isinstance(was, Struct) and isinstance(below, Mapping):
            changed[name] = _over(was, getattr(wanted, name), below)
        elif isinstance(was, dict) and isinstance(below, Mapping):
            changed[name] = _regions_over(was, getattr(wanted, name), below)
    return replace(held, **changed)


def _regions_over(held: Regions, wanted: Regions, given: Mapping[str, object]) -> Regions:
    """Null takes a region out; what is left out, of regions and of each, stays."""
    after = dict(held)
    for name, hours in wanted.items():
        was, below = held.get(name), given[name]
        if was is not None and hours is not None and isinstance(below, Mapping):
            after[name] = _over(was, hours, below)
        else:
            after[name] = hours
    return {name: hours for name, hours in after.items() if hours is not None}


def _versions(if_match: str | None) -> frozenset[int] | None:
    """None where any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    if not _ETAGS.fullmatch(if_match.strip()):
        raise invalid(Fault("If-Match", 'expected the ETag of an answer, such as "3"'))
    return frozenset(int(found[2]) for found in _ETAG.finditer(if_match) if not found[1])


_ASKED = Decoder(SettingsAsked)
_HOURS = Decoder(RegionHours | None)

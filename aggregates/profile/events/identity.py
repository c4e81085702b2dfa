"""What a customer has been recognised by, and when recognition disagreed."""

from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from aggregates.profile.identifiers import Identifier
from aggregates.profile.latest import Stamp


class IdentityEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every identity event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Linked(IdentityEvent, frozen=True, tag="identity.linked"):
    """These identifiers were seen together, as this customer's."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"identifiers"})
    identifiers: tuple[Identifier, ...] = ()
    source: str = ""


class ConflictSeen(IdentityEvent, frozen=True, tag="identity.conflict_seen"):
    """One signal named several owners; it was given to the owner of its strongest identifier."""

    others: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    decided_by: str = ""


Event: TypeAlias = Linked | ConflictSeen


class Sighting(Struct, frozen=True, array_like=True):
    """First sighting to the microsecond, last one to the day (UTC).

    A day's grain keeps one signal from costing one event only to say "seen again".
    """

    first: datetime
    last: datetime
    source: str = ""


class Identity(Struct, frozen=True):
    """Sightings by `kind:value`, and conflicts already noted as `profile id:kinds`."""

    sightings: dict[str, Sighting] = {}
    conflicts: frozenset[str] = frozenset()


def evolve(identity: Identity, event: Event, stamp: Stamp) -> Identity:
    match event:
        case Linked():
            sightings = dict(identity.sightings)
            for known in event.identifiers:
                key = key_of(known)
                sightings[key] = seen_again(sightings.get(key), stamp.at, event.source)
            return replace(identity, sightings=sightings)
        case ConflictSeen():
            noted = {conflict_key(other, event.kinds) for other in event.others}
            return replace(identity, conflicts=identity.conflicts | noted)
        case _:
            assert_never(event)


def key_of(known: Identifier) -> str:
    return f"{known.kind}:{known.value}"


def conflict_key(other: str, kinds: tuple[str, ...]) -> str:
    return f"{other}:{','.join(kinds)}"


def day_of(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def seen_again(held: Sighting | None, at: datetime, source: str) -> Sighting:
    if held is None:
        return Sighting(at, day_of(at), source)
    # the source of the earliest sighting; at the same instant the smaller name, to have a rule
    first, origin = min((held.first, held.source), (at, source))
    return Sighting(first, max(held.last, day_of(at)), origin)

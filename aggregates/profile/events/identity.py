"""What a customer has been recognised by, and what became of every disagreement about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from aggregates.profile.identifiers import Identifier
from aggregates.profile.latest import Stamp

REJECTED = "rejected"


class IdentityEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every identity event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Linked(IdentityEvent, frozen=True, tag="identity.linked"):
    """These identifiers were seen together, as this customer's.

    `turn` counts how often they had changed hands by then.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"identifiers"})
    identifiers: tuple[Identifier, ...] = ()
    source: str = ""
    turn: int = 0


class Unlinked(IdentityEvent, frozen=True, tag="identity.unlinked"):
    """This identifier is not this customer's any more; `to` has it now, if anybody."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"identifiers", "reason"})
    turn: int
    identifiers: tuple[Identifier, ...] = ()
    to: UUID | None = None
    reason: str | None = None


class DeviceSwitched(IdentityEvent, frozen=True, tag="identity.device_switched"):
    """Somebody else's device speaks for this customer from now on; `owners` had it before."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"identifiers"})
    turn: int
    identifiers: tuple[Identifier, ...] = ()
    owners: tuple[UUID, ...] = ()
    source: str = ""


class Demoted(IdentityEvent, frozen=True, tag="identity.demoted"):
    """Seen with this customer, but not linked: `why` names the rule."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"identifiers"})
    identifiers: tuple[Identifier, ...] = ()
    why: str = ""


class SeenElsewhere(IdentityEvent, frozen=True, tag="identity.seen_elsewhere"):
    """Another customer, well known themselves, came with an identifier that is this one's."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"identifiers"})
    by: UUID
    identifiers: tuple[Identifier, ...] = ()


class FlaggedShared(IdentityEvent, frozen=True, tag="identity.flagged_shared"):
    """So many customers use this identifier that it speaks for nobody any more.

    `merges` are those that rest on it alone.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"identifiers"})
    identifiers: tuple[Identifier, ...] = ()
    users: tuple[UUID, ...] = ()
    merges: tuple[UUID, ...] = ()


class ConflictSeen(IdentityEvent, frozen=True, tag="identity.conflict_seen"):
    """One signal named several owners; it was given to the owner of its strongest identifier."""

    others: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    decided_by: str = ""


class CandidateOpened(IdentityEvent, frozen=True, tag="identity.candidate_opened"):
    """This customer and `other` may be the same person; `evidence` names what speaks for it."""

    candidate_id: UUID
    other: UUID
    score: float
    rule: str = ""
    evidence: tuple[str, ...] = ()


class CandidateClosed(IdentityEvent, frozen=True, tag="identity.candidate_closed"):
    """`outcome`: accepted, rejected, or merged by later evidence or by hand."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    candidate_id: UUID
    other: UUID
    outcome: str
    reason: str | None = None


Event: TypeAlias = (
    Linked
    | Unlinked
    | DeviceSwitched
    | Demoted
    | SeenElsewhere
    | FlaggedShared
    | ConflictSeen
    | CandidateOpened
    | CandidateClosed
)


class Sighting(Struct, frozen=True, array_like=True):
    """First sighting to the microsecond, last one to the day (UTC).

    A day's grain keeps one signal from costing one event only to say "seen again".
    """

    first: datetime
    last: datetime
    source: str = ""
    turn: int = 0


class Identity(Struct, frozen=True):
    """Sightings by `kind:value`, and what has been noted already.

    `left`: the turn at which an identifier ceased to be the customer's. `conflicts` are noted as
    `profile id:kinds`, `candidates` by the other's id. `former` and `users` are those who had an
    identifier before, and who were seen with it beside its owner.
    """

    sightings: dict[str, Sighting] = {}
    left: dict[str, int] = {}
    demoted: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()
    former: dict[str, frozenset[UUID]] = {}
    users: dict[str, frozenset[UUID]] = {}
    shared: frozenset[str] = frozenset()
    candidates: dict[UUID, UUID] = {}
    closed: frozenset[UUID] = frozenset()


def evolve(identity: Identity, event: Event, stamp: Stamp) -> Identity:  # noqa: PLR0911 - one arm an event
    match event:
        case Linked():
            return _seen(identity, event.identifiers, stamp.at, event.source, event.turn)
        case Unlinked():
            turns = {key_of(known): event.turn for known in event.identifiers}
            later = {k: max(identity.left.get(k, 0), turn) for k, turn in turns.items()}
            return replace(identity, left={**identity.left, **later})
        case DeviceSwitched():
            former = _joined(identity.former, event.identifiers, event.owners)
            seen = _seen(identity, event.identifiers, stamp.at, event.source, event.turn)
            return replace(seen, former=former)
        case Demoted():
            demoted = identity.demoted | {key_of(known) for known in event.identifiers}
            return replace(identity, demoted=demoted)
        case SeenElsewhere():
            return replace(identity, users=_joined(identity.users, event.identifiers, (event.by,)))
        case FlaggedShared():
            return replace(identity, shared=identity.shared.union(map(key_of, event.identifiers)))
        case ConflictSeen():
            noted = {conflict_key(other, event.kinds) for other in event.others}
            return replace(identity, conflicts=identity.conflicts | noted)
        case CandidateOpened():
            first = min(
                identity.candidates.get(event.other, event.candidate_id), event.candidate_id
            )
            return replace(identity, candidates={**identity.candidates, event.other: first})
        case CandidateClosed():  # by a merge: it may be undone, and nothing shall be left of it
            gone = {event.candidate_id} if event.outcome == REJECTED else set()
            return replace(identity, closed=identity.closed | gone)
        case _:
            assert_never(event)


def live(identity: Identity) -> Mapping[str, Sighting]:
    """What the customer is recognised by now, by `kind:value`."""
    if not identity.left:
        return identity.sightings
    return {
        key: seen
        for key, seen in identity.sightings.items()
        if seen.turn >= identity.left.get(key, 0)
    }


def is_live(identity: Identity, known: Identifier) -> bool:
    key = key_of(known)
    seen = identity.sightings.get(key)
    return seen is not None and seen.turn >= identity.left.get(key, 0)


def key_of(known: Identifier) -> str:
    return f"{known.kind}:{known.value}"


def conflict_key(other: str, kinds: tuple[str, ...]) -> str:
    return f"{other}:{','.join(kinds)}"


def day_of(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def seen_again(held: Sighting | None, at: datetime, source: str, turn: int = 0) -> Sighting:
    if held is None:
        return Sighting(at, day_of(at), source, turn)
    # the source of the earliest sighting; at the same instant the smaller name, to have a rule
    first, origin = min((held.first, held.source), (at, source))
    return Sighting(first, max(held.last, day_of(at)), origin, max(held.turn, turn))


def _seen(
    identity: Identity, identifiers: tuple[Identifier, ...], at: datetime, source: str, turn: int
) -> Identity:
    sightings = dict(identity.sightings)
    for known in identifiers:
        key = key_of(known)
        sightings[key] = seen_again(sightings.get(key), at, source, turn)
    return replace(identity, sightings=sightings)


def _joined(
    held: Mapping[str, frozenset[UUID]], some: tuple[Identifier, ...], more: tuple[UUID, ...]
) -> dict[str, frozenset[UUID]]:
    new = {key: held.get(key, frozenset()).union(more) for key in map(key_of, some)}
    return {**held, **new}

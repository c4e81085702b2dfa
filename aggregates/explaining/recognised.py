"""What a customer is or was recognised by, whose part of them it is, and which event says so."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aggregates.explaining.reason import in_order
from aggregates.log.record import Record
from aggregates.profile.events.identity import (
    Demoted,
    DeviceSwitched,
    Identity,
    IdentityEvent,
    Linked,
    Unlinked,
    key_of,
    live,
)
from aggregates.profile.identifiers import STRENGTH, Identifier
from aggregates.profile.profile import fold
from aggregates.resolution import PERSONAL_KINDS


class Recognised(Struct, frozen=True, kw_only=True):
    """`subject` is the part of the customer that it came by. `why_not` says why an identifier
    leads here no more, or never did: `unlinked` by hand, `switched` to somebody else, `limit`.
    """

    identifier: Identifier
    subject: UUID
    live: bool
    shared: bool
    source: str = ""
    first: datetime | None = None
    last: datetime | None = None
    why_not: str | None = None
    record: Record


def recognised_by(records: Iterable[Record]) -> list[Recognised]:
    """Of all that is told of a customer; what leads to them first, then the strongest. Things of
    theirs, such as orders, are left out."""
    by_subject: dict[UUID, list[Record]] = {}
    for record in in_order(records):
        if isinstance(record.event, IdentityEvent):
            by_subject.setdefault(record.subject, []).append(record)
    found = [one for subject, told in by_subject.items() for one in _of_one(subject, told)]
    return sorted(found, key=_weight)


def _weight(one: Recognised) -> tuple[bool, int, str]:
    return not one.live, -STRENGTH[one.identifier.kind], one.identifier.value


def _of_one(subject: UUID, told: list[Record]) -> Iterator[Recognised]:
    held = fold(record.happened for record in told).identity
    for known, record in _what_says_so(told, held).items():
        if known.kind in PERSONAL_KINDS:
            yield _recognised(subject, known, held, record)


def _recognised(subject: UUID, known: Identifier, held: Identity, record: Record) -> Recognised:
    key = key_of(known)
    seen = held.sightings.get(key)
    is_live = key in live(held)
    return Recognised(
        identifier=known,
        subject=subject,
        live=is_live,
        shared=key in held.shared,
        source=seen.source if seen else "",
        first=seen.first if seen else None,
        last=max(seen.first, seen.last) if seen else None,
        why_not=None if is_live else _why_not(record),
        record=record,
    )


def _what_says_so(told: list[Record], held: Identity) -> dict[Identifier, Record]:
    """The first event that brought an identifier as it is now, or the last that took it away."""
    says: dict[Identifier, Record] = {}
    now = live(held)
    for record in told:
        match record.event:
            case Linked(identifiers=some, turn=turn) | DeviceSwitched(identifiers=some, turn=turn):
                for known in some:
                    left = held.left.get(key_of(known), 0)
                    if key_of(known) in now and turn >= left:
                        says.setdefault(known, record)
            case Unlinked(identifiers=some):
                says |= {known: record for known in some if key_of(known) not in now}
            case Demoted(identifiers=some):
                for known in some:
                    if key_of(known) not in now:
                        says.setdefault(known, record)
    return says


def _why_not(record: Record) -> str:
    match record.event:
        case Demoted(why=why):
            return why
        case Unlinked(to=None):
            return "unlinked"
        case _:
            return "switched"

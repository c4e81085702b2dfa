"""One of two who are compared."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from aggregates.explaining.reason import in_order
from aggregates.log.record import Record
from aggregates.profile.events.identity import IdentityEvent, key_of, live
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import fold


class Side(NamedTuple):
    """Who it stands for, itself included, what it is recognised by (`kind:value`), and all that is
    told of it, in order."""

    members: frozenset[UUID]
    keys: frozenset[str]
    records: list[Record]


def side(members: Iterable[UUID], records: Iterable[Record]) -> Side:
    told = in_order(records)
    said = (record.happened for record in told if isinstance(record.event, IdentityEvent))
    return Side(frozenset(members), frozenset(live(fold(said).identity)), told)


def nobody(known: Identifier) -> Side:
    """An identifier that leads to no one."""
    return Side(frozenset(), frozenset({key_of(known)}), [])

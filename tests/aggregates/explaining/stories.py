"""A log in a few words: who was told what, by which command."""

from collections.abc import Collection
from datetime import timedelta
from itertools import count
from uuid import UUID

from aggregates.explaining.side import Side, side
from aggregates.log.record import Record
from aggregates.profile.events import identity
from aggregates.profile.events.lineage import Absorbed, Evidence
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import Event
from aggregates.profile.source import Source
from tests.given import NOON

ADA, BOB, EVE, ZOE = (UUID(int=n) for n in range(1, 5))
MERGE, NEXT, CANDIDATE = UUID(int=11), UUID(int=12), UUID(int=13)


class Log:
    """Every `told` is one command's; `subject` is the stream's own unless said."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._commands = count(1)

    def told(self, stream: UUID, *events: Event, subject: UUID | None = None) -> None:
        self.both((stream, events), subject=subject)

    def both(
        self, *writes: tuple[UUID, Collection[Event]], subject: UUID | None = None, by: str = "me"
    ) -> None:
        command = next(self._commands)
        for stream, events in writes:
            for event in events:
                self.records.append(self._record(stream, subject or stream, event, command, by))

    def of(self, *members: UUID) -> list[Record]:
        return [record for record in self.records if record.subject in members]

    def side(self, *members: UUID) -> Side:
        return side(members, self.of(*members))

    def _record(self, stream: UUID, subject: UUID, event: Event, command: int, by: str) -> Record:
        at = NOON + timedelta(minutes=command)
        return Record(
            stream=stream,
            version=1 + sum(record.stream == stream for record in self.records),
            subject=subject,
            event=event,
            occurred_at=at,
            recorded_at=at,
            command_id=f"c{command}",
            by=by,
            source=Source("shopify"),
        )


def known(kind: str, value: str) -> Identifier:
    return Identifier(kind, value)


def linked(*identifiers: Identifier, turn: int = 0) -> identity.Linked:
    return identity.Linked(identifiers, "shopify", turn)


def absorbed(merge_id: UUID, whom: UUID, *evidence: Evidence, rule: str = "by_hand") -> Absorbed:
    return Absorbed(merge_id, whom, (whom,), (), 1, rule, evidence)

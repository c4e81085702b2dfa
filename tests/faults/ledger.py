"""The log as it stands in Postgres, read without the product's own reading: what invariants ask."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent
from psycopg import Connection
from psycopg.rows import TupleRow

from actors.remembered import Remembered
from aggregates.log import story
from aggregates.log.codec import ProfileMapper
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.record import Record
from aggregates.profile.profile import Profile

WRITTEN = (
    "SELECT convert_from(state, 'UTF8')::jsonb ->> 'command_id', topic, count(*) FROM events"
    " WHERE namespace_id = %s GROUP BY 1, 2"
)
OUTCOMES = "SELECT key, outcome FROM commands WHERE key = ANY (%s)"
STREAMS = (
    "SELECT profile_id, version, topic, state FROM events WHERE namespace_id = %s"
    " ORDER BY profile_id, version"
)
KEYS = "SELECT profile_id, wrapped FROM subject_keys WHERE namespace_id = %s"
AT_ONCE = 10_000
_REMEMBERED = msgspec.msgpack.Decoder(Remembered)


class Store(Protocol):
    """Where a log is kept; a `Place` is one."""

    @property
    def keyring(self) -> Keyring: ...
    def connected(self) -> AbstractContextManager[Connection[TupleRow]]: ...


class Stream(NamedTuple):
    """One profile's whole history; `book` has those of all others of its namespace."""

    profile_id: UUID
    sealer: Sealer
    records: list[Record]
    book: Mapping[UUID, Sequence[Record]]

    @property
    def is_absorbed(self) -> bool:
        return story.lineage_of(self.profile_id, self.records).absorbed_into is not None

    def folded(self, version: int | None = None) -> Profile:
        """From the first event on, without the help of memory or snapshots; with all that is told
        of those it stood for."""
        own = self.records[:version]
        held = story.lineage_of(self.profile_id, own)
        parts = story.parts_of(held)
        others = (
            record
            for stream in {part.stream for part in parts}
            for record in self.book[stream]
            if story.within(parts, stream, record.version)
        )
        return story.told(self.profile_id, held, (*own, *others)).profile


class Ledger:
    """One namespace of the log."""

    def __init__(self, connection: Connection[TupleRow], keyring: Keyring, namespace: int) -> None:
        self.connection = connection
        self.namespace = namespace
        self._key = keyring.namespace(namespace)

    def written(self) -> dict[str, dict[str, int]]:
        """How many events of each topic each command id wrote."""
        found: dict[str, dict[str, int]] = {}
        for command, topic, number in self.connection.execute(WRITTEN, (self.namespace,)):
            found.setdefault(command, {})[topic] = number
        return found

    def outcomes(self, ids: list[str]) -> dict[str, Remembered]:
        """The stored outcome of each command id that has one."""
        found: dict[str, Remembered] = {}
        for at in range(0, len(ids), AT_ONCE):
            keys = {self._key.digest("command", name): name for name in ids[at : at + AT_ONCE]}
            rows = self.connection.execute(OUTCOMES, (list(keys),), binary=True)
            found.update({keys[key]: _REMEMBERED.decode(outcome) for key, outcome in rows})
        return found

    def streams(self) -> Iterator[Stream]:
        sealers = self._sealers()
        mapper = ProfileMapper(self.namespace, sealers.get)
        book: dict[UUID, list[Record]] = {}
        with self.connection.transaction(), self.connection.cursor("streams") as cursor:
            cursor.execute(STREAMS, (self.namespace,), binary=True)
            for stored in cursor:
                record = mapper.to_domain_event(StoredEvent(*stored))
                book.setdefault(record.stream, []).append(record)
        return (Stream(one, sealers[one], told, book) for one, told in book.items())

    def _sealers(self) -> dict[UUID, Sealer]:
        rows = self.connection.execute(KEYS, (self.namespace,), binary=True)
        return {one: Sealer(self._key.unwrap(one, wrapped)) for one, wrapped in rows}


def number(connection: Connection[TupleRow], query: str, *parameters: object) -> int:
    """What a query for one number says."""
    row = connection.execute(query.encode(), parameters or None).fetchone()
    assert row is not None
    return int(row[0])

"""The log as it stands in Postgres, read without the product's own reading: what invariants ask."""

from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent
from psycopg import Connection
from psycopg.rows import TupleRow

from actors.shard import Remembered
from aggregates.log.codec import ProfileMapper
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.record import Record
from aggregates.profile.profile import Profile, fold

WRITTEN = (
    "SELECT convert_from(state, 'UTF8')::jsonb ->> 'command_id', topic, count(*) FROM events"
    " WHERE namespace_id = %s GROUP BY 1, 2"
)
OUTCOMES = "SELECT key, outcome FROM commands WHERE key = ANY (%s)"
STREAMS = (
    "SELECT e.profile_id, e.version, e.topic, e.state, k.wrapped"
    " FROM events e JOIN subject_keys k USING (profile_id) WHERE e.namespace_id = %s"
    " ORDER BY e.profile_id, e.version"
)
AT_ONCE = 10_000
_REMEMBERED = msgspec.msgpack.Decoder(Remembered)


class Store(Protocol):
    """Where a log is kept; a `Place` is one."""

    @property
    def keyring(self) -> Keyring: ...
    def connected(self) -> AbstractContextManager[Connection[TupleRow]]: ...


class Stream(NamedTuple):
    """One profile's whole history."""

    profile_id: UUID
    sealer: Sealer
    records: list[Record]

    def add(self, stored: StoredEvent, namespace: int) -> None:
        mapper = ProfileMapper(namespace, lambda _subject: self.sealer)
        self.records.append(mapper.to_domain_event(stored))

    def folded(self, version: int | None = None) -> Profile:
        """From the first event on, without the help of memory or snapshots."""
        return fold(record.happened for record in self.records[:version])


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

    def streams(self) -> Generator[Stream, None, None]:
        held: Stream | None = None
        with self.connection.transaction(), self.connection.cursor("streams") as cursor:
            cursor.execute(STREAMS, (self.namespace,), binary=True)
            for profile, version, topic, state, wrapped in cursor:
                if held is None or held.profile_id != profile:
                    if held is not None:
                        yield held
                    held = Stream(profile, Sealer(self._key.unwrap(profile, wrapped)), [])
                held.add(StoredEvent(profile, version, topic, state), self.namespace)
        if held is not None:
            yield held


def number(connection: Connection[TupleRow], query: str, *parameters: object) -> int:
    """What a query for one number says."""
    row = connection.execute(query.encode(), parameters or None).fetchone()
    assert row is not None
    return int(row[0])

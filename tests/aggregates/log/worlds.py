"""A log and all it has written, in memory or in Postgres, seen from outside."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Protocol
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent

from aggregates.log.memory import MemoryLog, MemoryTables
from aggregates.log.port import EventLog, Unit, WrappedKey
from aggregates.log.postgres import PostgresLog
from aggregates.log.record import Record
from tests.aggregates.log.samples import KEYRING, SHOP, SUBJECT_KEY, mapper

SHARD = 5
TABLES = ("events", "identifiers", "commands", "subject_keys", "snapshots")


class World(Protocol):
    def open(self) -> EventLog:
        """One more writer of the same tables."""

    def contents(self) -> Any:
        """Every row of every table, comparable."""


class InMemory:
    def __init__(self) -> None:
        self.tables = MemoryTables()

    def open(self) -> MemoryLog:
        return MemoryLog(self.tables)

    def contents(self) -> Any:
        return deepcopy(vars(self.tables))

    def close(self) -> None:
        """Nothing is open."""


class InPostgres:
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._logs: list[PostgresLog] = []

    def open(self) -> PostgresLog:
        self._logs.append(PostgresLog(self._dsn))
        return self._logs[-1]

    def contents(self) -> Any:
        with psycopg.connect(self._dsn) as connection:
            return {
                name: sorted(connection.execute(f"SELECT * FROM {name}".encode()), key=repr)  # noqa: S608  # our own names
                for name in TABLES
            }

    def close(self) -> None:
        for log in self._logs:
            log.close()


def stored(profile: UUID, version: int, state: bytes = b"{}") -> StoredEvent:
    return StoredEvent(profile, version, "orders.placed", state)


def unit(
    log: EventLog, *events: StoredEvent, shard: int = SHARD, namespace: int = 1, **more: Any
) -> Unit:
    """These events at the next positions of a shard, and what is committed with them."""
    return Unit(log.place((shard, namespace, event) for event in events), **more)


def versions(tail: Sequence[StoredEvent]) -> list[int]:
    return [event.originator_version for event in tail]


def written(log: EventLog, *records: Record, shard: int = SHARD, namespace: int = SHOP) -> None:
    """Append these records; the subject's key comes with the first version."""
    wrapper = KEYRING.namespace(namespace)
    keys = [
        WrappedKey(record.stream, namespace, wrapper.wrap(record.stream, SUBJECT_KEY))
        for record in records
        if record.version == 1
    ]
    events = [mapper(namespace).to_stored_event(record) for record in records]
    log.append(unit(log, *events, shard=shard, namespace=namespace, keys=keys))

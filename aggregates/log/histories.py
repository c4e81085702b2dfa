"""Profiles as readers see them: folded from the log, at any version, at any moment."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from aggregates.log import snapshots
from aggregates.log.codec import ProfileMapper
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.port import Snapshot
from aggregates.log.reading import connected
from aggregates.log.record import Record
from aggregates.profile.profile import EMPTY, Profile, evolve

SUBJECT = (
    "SELECT k.wrapped, s.version, s.state FROM subject_keys k"
    " LEFT JOIN snapshots s ON s.profile_id = k.profile_id AND s.schema = %s AND s.version <= %s"
    " WHERE k.profile_id = %s AND k.namespace_id = %s"
)
EVENTS = (
    "SELECT profile_id, version, topic, state FROM events"
    " WHERE profile_id = %s AND version > %s AND version <= %s ORDER BY version"
)
PAGE = (
    "SELECT profile_id, version, topic, state FROM events WHERE profile_id = %s"
    " AND version >= %s AND (%s::text IS NULL OR topic = %s)"
    " AND (%s::text IS NULL OR convert_from(state, 'UTF8')::jsonb ->> 'subject' = %s)"
    " ORDER BY version LIMIT %s"
)
NO_SNAPSHOT = -1
LAST_VERSION = 2**63 - 1


class Folded(Struct, frozen=True):
    """A profile's state; `version` is that of the last event folded in, `created_at` when its id
    was made."""

    profile_id: UUID
    version: int
    created_at: datetime
    profile: Profile


class Opened(Struct, frozen=True):
    """What reading a stream starts from."""

    mapper: ProfileMapper
    version: int
    profile: Profile


class Histories:
    """Reads through a pool of asynchronous connections. Every method may raise LogUnreachable."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection[Any]]", keyring: Keyring) -> None:
        self._pool = pool
        self._keyring = keyring

    async def profile(
        self,
        namespace: int,
        profile_id: UUID,
        *,
        version: int | None = None,
        at: datetime | None = None,
        known_at: datetime | None = None,
    ) -> Folded | None:
        """The profile now; after `version` events; of what had happened by `at`; or as it was
        known to us at `known_at`. None where there is no such profile (yet)."""
        upto = LAST_VERSION if version is None else version
        travels = at is not None or known_at is not None
        async with connected(self._pool) as connection:
            opened = await self._opened(
                connection, namespace, profile_id, NO_SNAPSHOT if travels else upto
            )
            if opened is None:
                return None
            stored = await _fetch(connection, EVENTS, (profile_id, opened.version, upto))
        records = map(opened.mapper.to_domain_event, stored)
        folded = _folded(profile_id, opened, (r for r in records if _in_view(r, at, known_at)))
        return folded if folded.version else None

    async def records(
        self,
        namespace: int,
        profile_id: UUID,
        *,
        from_version: int,
        limit: int,
        topic: str | None,
        subject: UUID | None,
    ) -> list[Record]:
        """At most `limit` records of the stream in order; none where there is no such profile."""
        about = str(subject) if subject else None
        async with connected(self._pool) as connection:
            opened = await self._opened(connection, namespace, profile_id, NO_SNAPSHOT)
            if opened is None:
                return []
            narrowed = (profile_id, from_version, topic, topic, about, about, limit)
            stored = await _fetch(connection, PAGE, narrowed)
        return [opened.mapper.to_domain_event(event) for event in stored]

    async def _opened(
        self, connection: AsyncConnection[Any], namespace: int, profile_id: UUID, upto: int
    ) -> Opened | None:
        cursor = await connection.execute(
            SUBJECT, (snapshots.SCHEMA, upto, profile_id, namespace), binary=True
        )
        if (row := await cursor.fetchone()) is None:
            return None
        wrapped, version, state = row
        key = self._keyring.namespace(namespace)
        sealer = Sealer(key.unwrap(profile_id, wrapped)) if wrapped else None
        mapper = ProfileMapper(namespace, lambda _subject: sealer)
        if state is not None and sealer is not None:
            snapshot = Snapshot(profile_id, version, snapshots.SCHEMA, state)
            if (profile := snapshots.restored(snapshot, sealer)) is not None:
                return Opened(mapper, version, profile)
        return Opened(mapper, 0, EMPTY)


def _in_view(record: Record, at: datetime | None, known_at: datetime | None) -> bool:
    return (at is None or record.occurred_at <= at) and (
        known_at is None or record.recorded_at <= known_at
    )


def _folded(profile_id: UUID, opened: Opened, records: Iterable[Record]) -> Folded:
    state, version = opened.profile, opened.version
    for record in records:
        happened = record.happened
        state = evolve(state, happened.event, happened.stamp)
        version = record.version
    return Folded(profile_id, version, minted_at(profile_id), state)


def minted_at(profile_id: UUID) -> datetime:
    """A UUIDv7 begins with the milliseconds since 1970 at which it was minted (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((profile_id.int >> 80) / 1000, UTC)


async def _fetch(
    connection: AsyncConnection[Any], query: str, parameters: tuple[object, ...]
) -> list[StoredEvent]:
    cursor = await connection.execute(query.encode(), parameters, binary=True)
    return [StoredEvent(*row) for row in await cursor.fetchall()]

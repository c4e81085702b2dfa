"""Profiles as readers see them: folded from the log, at any version, at any moment."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from aggregates.log import snapshots, story
from aggregates.log.codec import ProfileMapper, subject_of
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.moments import NOW, Moment
from aggregates.log.port import Snapshot
from aggregates.log.reading import connected
from aggregates.log.record import Record
from aggregates.profile.events.lineage import Lineage
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
PARTS = (
    "SELECT e.profile_id, e.version, e.topic, e.state"
    " FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS part(stream, first, last)"
    " JOIN events e ON e.profile_id = part.stream"
    "  AND e.version BETWEEN part.first AND part.last"
)
KEYS = (
    "SELECT profile_id, wrapped FROM subject_keys WHERE namespace_id = %s AND profile_id = ANY(%s)"
)
PAGE = (
    "SELECT profile_id, version, topic, state FROM events WHERE profile_id = %s"
    " AND version >= %s AND (%s::text IS NULL OR topic = %s)"
    " AND (%s::text IS NULL OR convert_from(state, 'UTF8')::jsonb ->> 'subject' = %s)"
    " ORDER BY version LIMIT %s"
)
LISTED = (
    "SELECT e.profile_id, e.version, e.topic, e.state"
    " FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS place(stream, version, turn)"
    " JOIN events e ON e.profile_id = place.stream AND e.version = place.version"
    " WHERE e.namespace_id = %s ORDER BY place.turn"
)
NO_SNAPSHOT = -1


class Folded(Struct, frozen=True):
    """A profile's state; `version` is that of the last event folded in, `created_at` when its id
    was made."""

    profile_id: UUID
    version: int
    created_at: datetime
    profile: Profile


class Opened(NamedTuple):
    """What reading a stream starts from. `sealers` are those of whom it has told so far."""

    sealers: dict[UUID, Sealer | None]
    mapper: ProfileMapper
    version: int
    profile: Profile


class Told(NamedTuple):
    """`version` and `lineage` of the profile, and the records that are about it."""

    version: int
    lineage: Lineage
    records: list[Record]


class Histories:
    """Reads through a pool of asynchronous connections. Every method may raise LogUnreachable."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection[Any]]", keyring: Keyring) -> None:
        self._pool = pool
        self._keyring = keyring

    async def profile(
        self, namespace: int, profile_id: UUID, moment: Moment = NOW
    ) -> Folded | None:
        """None where there is no such profile (yet)."""
        upto = moment.last_version
        since = NO_SNAPSHOT if moment.looks_at_times else upto
        async with connected(self._pool) as connection:
            opened = await self._opened(connection, namespace, profile_id, since)
            if opened is None:
                return None
            stored = await _fetch(connection, EVENTS, (profile_id, opened.version, upto))
            if opened.version and any(map(story.tells_of_lineage, stored)):
                opened = opened._replace(version=0, profile=EMPTY)
                stored = await _fetch(connection, EVENTS, (profile_id, 0, upto))
            if opened.version:
                folded = _followed(profile_id, opened, stored)
            else:
                folded = await self._told(connection, namespace, profile_id, opened, stored, moment)
        return folded if folded.version else None

    async def told(self, namespace: int, profile_id: UUID, moment: Moment = NOW) -> Told | None:
        """All that is told of the profile and of those it stands for, in no order."""
        async with connected(self._pool) as connection:
            opened = await self._opened(connection, namespace, profile_id, NO_SNAPSHOT)
            if opened is None:
                return None
            stored = await _fetch(connection, EVENTS, (profile_id, 0, moment.last_version))
            return await self._all(connection, namespace, profile_id, opened, stored, moment)

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
            await self._unlock(connection, namespace, set(map(subject_of, stored)), opened)
        return [opened.mapper.to_domain_event(event) for event in stored]

    async def listed(self, namespace: int, places: Sequence[tuple[UUID, int]]) -> list[Record]:
        """The records at these places (stream and version) of the namespace, in their order."""
        streams, versions = [stream for stream, _ in places], [version for _, version in places]
        sealers: dict[UUID, Sealer | None] = {}
        opened = Opened(sealers, ProfileMapper(namespace, sealers.get), 0, EMPTY)
        async with connected(self._pool) as connection:
            stored = await _fetch(connection, LISTED, (streams, versions, namespace))
            await self._unlock(connection, namespace, set(map(subject_of, stored)), opened)
        return [opened.mapper.to_domain_event(event) for event in stored]

    async def _told(
        self,
        connection: AsyncConnection[Any],
        namespace: int,
        profile_id: UUID,
        opened: Opened,
        stored: Sequence[StoredEvent],
        moment: Moment,
    ) -> Folded:
        """From the beginning, and from every stream that tells of the profile."""
        told = await self._all(connection, namespace, profile_id, opened, stored, moment)
        profile = story.told(profile_id, told.lineage, told.records).profile
        return Folded(profile_id, told.version, minted_at(profile_id), profile)

    async def _all(
        self,
        connection: AsyncConnection[Any],
        namespace: int,
        profile_id: UUID,
        opened: Opened,
        stored: Sequence[StoredEvent],
        moment: Moment,
    ) -> Told:
        read = opened.mapper.to_domain_event
        lineage = filter(moment.shows, map(read, filter(story.tells_of_lineage, stored)))
        held = story.lineage_of(profile_id, lineage)
        await self._unlock(connection, namespace, held.subjects, opened)
        parts = story.parts_of(held)
        columns = ([p.stream for p in parts], [p.first for p in parts], [p.last for p in parts])
        others = await _fetch(connection, PARTS, columns) if parts else []
        own = list(filter(moment.shows, map(read, stored)))
        records = [*own, *filter(moment.shows, map(read, others))]
        about = held.subjects | {profile_id}
        version = own[-1].version if own else 0
        return Told(version, held, [r for r in records if r.subject in about])

    async def _opened(
        self, connection: AsyncConnection[Any], namespace: int, profile_id: UUID, upto: int
    ) -> Opened | None:
        cursor = await connection.execute(
            SUBJECT, (snapshots.SCHEMA, upto, profile_id, namespace), binary=True
        )
        if (row := await cursor.fetchone()) is None:
            return None
        wrapped, version, state = row
        sealer = self._keyring.sealer(namespace, profile_id, wrapped)
        sealers = {profile_id: sealer}
        opened = Opened(sealers, ProfileMapper(namespace, sealers.get), 0, EMPTY)
        if state is not None and sealer is not None:
            snapshot = Snapshot(profile_id, version, snapshots.SCHEMA, state)
            if (held := snapshots.restored(snapshot, sealer)) is not None:
                await self._unlock(connection, namespace, held.members.keys(), opened)
                return opened._replace(version=version, profile=held.profile)
        return opened

    async def _unlock(
        self,
        connection: AsyncConnection[Any],
        namespace: int,
        subjects: Collection[UUID],
        opened: Opened,
    ) -> None:
        """The keys of those whom the profile stands for."""
        if missing := [one for one in subjects if one not in opened.sealers]:
            cursor = await connection.execute(KEYS, (namespace, missing), binary=True)
            for subject, wrapped in await cursor.fetchall():
                opened.sealers[subject] = self._keyring.sealer(namespace, subject, wrapped)


def _followed(profile_id: UUID, opened: Opened, stored: Iterable[StoredEvent]) -> Folded:
    """From a snapshot on."""
    state, version = opened.profile, opened.version
    for record in map(opened.mapper.to_domain_event, stored):
        happened = record.happened
        state, version = evolve(state, happened.event, happened.stamp), record.version
    return Folded(profile_id, version, minted_at(profile_id), state)


def minted_at(profile_id: UUID) -> datetime:
    """A UUIDv7 begins with the milliseconds since 1970 at which it was minted (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((profile_id.int >> 80) / 1000, UTC)


async def _fetch(
    connection: AsyncConnection[Any], query: str, parameters: tuple[object, ...]
) -> list[StoredEvent]:
    cursor = await connection.execute(query.encode(), parameters, binary=True)
    return [StoredEvent(*row) for row in await cursor.fetchall()]

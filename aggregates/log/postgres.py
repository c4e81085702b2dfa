"""The log in Postgres, as a host uses it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from eventsourcing.persistence import PersistenceError, StoredEvent
from psycopg import Connection, Cursor
from psycopg.errors import LockNotAvailable, UniqueViolation
from psycopg.rows import DictRow

from aggregates.log import index_postgres
from aggregates.log.datastore import ShardDatastore
from aggregates.log.outages import passes
from aggregates.log.port import (
    Claim,
    ClaimsRefused,
    LogBlocked,
    LogUnreachable,
    Placed,
    Snapshot,
    Stream,
    StreamMoved,
    Unit,
)
from aggregates.log.recorder import ShardRecorder
from aggregates.log.snapshots import SCHEMA
from config.failpoints import reach

# in the order of their key, so that two hosts never wait for each other in a circle
CLAIM = (
    "INSERT INTO identifiers (namespace_id, digest, profile_id)"
    " SELECT * FROM unnest(%b::int[], %b::bytea[], %b::uuid[]) ON CONFLICT DO NOTHING"
)
COPY_OUTCOMES = "COPY commands (key, outcome) FROM STDIN (FORMAT BINARY)"
COPY_KEYS = "COPY subject_keys (profile_id, namespace_id, wrapped) FROM STDIN (FORMAT BINARY)"
OWNERS = (
    "SELECT i.namespace_id, i.digest, i.profile_id, coalesce(r.head, i.profile_id) AS head,"
    " i.shared FROM identifiers i"
    " JOIN unnest(%b::int[], %b::bytea[]) AS wanted(namespace, key)"
    " ON i.namespace_id = wanted.namespace AND i.digest = wanted.key"
    " LEFT JOIN redirects r ON r.profile_id = i.profile_id"
)
KEYS = "SELECT profile_id, wrapped FROM subject_keys WHERE profile_id = ANY(%b)"
STREAMS = (
    "SELECT k.profile_id, k.namespace_id, k.wrapped, s.version, s.schema, s.state"
    " FROM subject_keys k LEFT JOIN snapshots s ON s.profile_id = k.profile_id AND s.schema = %b"
    " WHERE k.profile_id = ANY(%b)"
)
TAILS = (
    "SELECT e.profile_id, e.version, e.topic, e.state"
    " FROM unnest(%b::uuid[], %b::bigint[]) AS wanted(profile, since) CROSS JOIN LATERAL"
    " (SELECT * FROM events WHERE profile_id = wanted.profile AND version > wanted.since"
    "  ORDER BY version) AS e"
)
SAVE_SNAPSHOT = (
    "INSERT INTO snapshots (profile_id, version, schema, state) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (profile_id) DO UPDATE SET version = excluded.version,"
    " schema = excluded.schema, state = excluded.state"
    " WHERE (snapshots.schema, snapshots.version) < (excluded.schema, excluded.version)"
)


class PostgresLog:
    """See `EventLog` for what each method promises."""

    def __init__(self, dsn: str) -> None:
        self._datastore = ShardDatastore(dsn, connections=2)
        self._recorder = ShardRecorder(self._datastore)

    def close(self) -> None:
        self._datastore.close()

    def outcomes(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        rows = self._fetch("SELECT key, outcome FROM commands WHERE key = ANY(%b)", (list(keys),))
        return {row["key"]: row["outcome"] for row in rows}

    def streams(self, profiles: Sequence[UUID], whole: bool = False) -> dict[UUID, Stream]:
        with self._connection() as connection:
            found = connection.execute(
                STREAMS, (-1 if whole else SCHEMA, list(profiles)), binary=True
            ).fetchall()
            streams = {row["profile_id"]: _stream(row) for row in found}
            since = [s.snapshot.version if s.snapshot else 0 for s in streams.values()]
            tails = connection.execute(TAILS, (list(streams), since), binary=True).fetchall()
        for row in tails:
            event = StoredEvent(row["profile_id"], row["version"], row["topic"], row["state"])
            streams[row["profile_id"]].tail.append(event)
        return streams

    def keys(self, profiles: Sequence[UUID]) -> dict[UUID, bytes]:
        rows = self._fetch(KEYS, (list(profiles),))
        return {row["profile_id"]: row["wrapped"] for row in rows}

    def place(self, namespaced: Iterable[tuple[int, int, StoredEvent]]) -> list[Placed]:
        with _named_errors():
            return self._recorder.place(namespaced)

    def append(self, unit: Unit) -> None:
        with self._connection() as connection, connection.transaction():
            cursor = connection.cursor()
            if unit.events:  # first: whoever changes the same rows of the index waits here
                self._recorder.write(cursor, unit.events)
            if unit.claims:
                _claim(cursor, sorted(set(unit.claims)))
            index_postgres.write(cursor, unit.changes)
            _copy(cursor, COPY_OUTCOMES, ("bytea", "bytea"), unit.outcomes)
            _copy(cursor, COPY_KEYS, ("uuid", "int4", "bytea"), unit.keys)
            reach("log.before_commit")
        reach("log.after_commit")
        self._recorder.taken(unit.events)

    def forget_heads(self, shards: Collection[int] | None = None) -> None:
        self._recorder.forget_heads(shards)

    def save_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        with self._connection() as connection, connection.transaction():
            connection.cursor().executemany(SAVE_SNAPSHOT, snapshots)
            reach("snapshot.before_commit")

    def _fetch(self, query: str, parameters: tuple[object, ...]) -> list[DictRow]:
        with self._connection() as connection:
            return connection.execute(query.encode(), parameters, binary=True).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[Connection[DictRow]]:
        with _named_errors(), self._datastore.get_connection() as connection:
            yield connection


@contextmanager
def _named_errors() -> Iterator[None]:
    """The library's errors under the names that hosts act on."""
    try:
        yield
    except PersistenceError as error:
        cause = error.__cause__  # the library's own kinds are coarser
        if isinstance(cause, UniqueViolation):
            raise StreamMoved(str(cause)) from error
        if isinstance(cause, LockNotAvailable):
            raise LogBlocked(type(cause).__name__) from error
        if passes(cause):
            raise LogUnreachable(type(cause).__name__) from error
        raise


def _stream(row: DictRow) -> Stream:
    snapshot = (
        Snapshot(row["profile_id"], row["version"], row["schema"], row["state"])
        if row["version"] is not None
        else None
    )
    return Stream(row["namespace_id"], row["wrapped"], snapshot, [])


def _claim(cursor: Cursor[DictRow], claims: Sequence[Claim]) -> None:
    cursor.execute(CLAIM.encode(), _columns(claims, 3))
    if cursor.rowcount < len(claims):
        _refuse_foreign(cursor, claims)


def _copy(
    cursor: Cursor[DictRow], copy: str, types: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    if not (rows := list(rows)):
        return
    with cursor.copy(copy.encode()) as into:
        into.set_types(types)
        for row in rows:
            into.write_row(row)


def _refuse_foreign(cursor: Cursor[DictRow], claims: Sequence[Claim]) -> None:
    """Raises ClaimsRefused unless what was already claimed is the claimant's own."""
    namespaces, digests, _ = _columns(claims, 3)
    rows = cursor.execute(OWNERS.encode(), (namespaces, digests)).fetchall()
    owners = {(row["namespace_id"], row["digest"]): row["profile_id"] for row in rows}
    refused = {
        (c.namespace, c.digest): owners[c.namespace, c.digest]
        for c in claims
        if owners[c.namespace, c.digest] != c.profile
    }
    if refused:
        raise ClaimsRefused(refused)


def _columns(rows: Sequence[tuple[object, ...]], count: int) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]

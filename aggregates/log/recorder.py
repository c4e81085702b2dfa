"""The library's application recorder over per-shard positions.

A shard is what the library calls an application, a position its notification id. The writer
numbers positions in memory and the unique key refuses a second writer, so appending needs no
table lock, no NOTIFY and no stored function.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from time import sleep
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Cursor
from psycopg.rows import DictRow

from aggregates.log.heads import START, Head, numbered, tips_of
from aggregates.log.port import Placed, Position

POLL_S = 0.5
PAGE = 500
ATTEMPTS = 3
COLUMN_TYPES = ("int2", "int8", "int4", "uuid", "int8", "text", "bytea", "bytea")
COPY_EVENTS = (
    "COPY events (shard, position, namespace_id, profile_id, version, topic, state, chain) "
    "FROM STDIN (FORMAT BINARY)"
)
SELECT_EVENTS = (
    "SELECT profile_id, version, topic, state FROM events WHERE profile_id = %s"
    " AND version > coalesce(%s, -1) AND version <= coalesce(%s, 9223372036854775807)"
)


class ShardRecorder(PostgresApplicationRecorder):
    """Appends with COPY to the shards that `shard_of` names.

    `insert_events` and the `select_…` methods keep the library's contract for the one shard
    given as `shard`; hosts use `place` and `write`, which the others are made of.
    """

    def __init__(self, datastore: PostgresDatastore, shard: int = 0, namespace: int = 0) -> None:
        super().__init__(datastore, events_table_name="events")
        self._shard = shard
        self._namespace = namespace
        self._heads: dict[int, Head] = {}
        self._turn = Lock()

    def place(self, events: Iterable[tuple[int, int, StoredEvent]]) -> list[Placed]:
        """Next positions for (shard, namespace, event), in order. Not yet taken."""
        wanted = list(events)
        if unknown := {shard for shard, _, _ in wanted} - self._heads.keys():
            self._heads.update(self.read_heads(sorted(unknown)))
        return numbered(self._heads, wanted)

    def write(self, cursor: Cursor[DictRow], placed: Sequence[Placed]) -> None:
        """COPY inside the caller's transaction; the caller says `taken` once it is committed.

        In the order of their places, so that two hosts never wait for each other in a circle.
        """
        with cursor.copy(COPY_EVENTS) as copy:
            copy.set_types(COLUMN_TYPES)
            for (shard, number), namespace, stored, chain in sorted(placed, key=_position):
                profile, version = stored.originator_id, stored.originator_version
                row = (
                    shard,
                    number,
                    namespace,
                    profile,
                    version,
                    stored.topic,
                    stored.state,
                    chain,
                )
                copy.write_row(row)

    def taken(self, placed: Iterable[Placed]) -> None:
        self._heads.update(tips_of(placed))

    def forget_heads(self, shards: Collection[int] | None = None) -> None:
        for shard in list(self._heads) if shards is None else shards:
            self._heads.pop(shard, None)

    def read_heads(self, shards: list[int]) -> dict[int, Head]:
        with self.datastore.get_connection() as connection:
            rows = connection.execute(
                "SELECT wanted.shard, last.position, last.chain"
                " FROM unnest(%s::smallint[]) AS wanted(shard) CROSS JOIN LATERAL"
                " (SELECT position, chain FROM events WHERE events.shard = wanted.shard"
                "  ORDER BY position DESC LIMIT 1) AS last",
                (shards,),
            ).fetchall()
        found = {row["shard"]: Head(row["position"], row["chain"]) for row in rows}
        return {shard: found.get(shard, START) for shard in shards}

    # --- the library's contract, for one shard ---

    def create_table(self) -> None:
        """Our numbered migrations create the table."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        with self._turn:
            for _attempt in range(ATTEMPTS - 1):
                try:
                    return self._insert(stored_events)
                except IntegrityError:
                    self.forget_heads()  # another process may have moved the shard
            return self._insert(stored_events)

    def _insert(self, stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        placed = self.place((self._shard, self._namespace, event) for event in stored_events)
        with self.datastore.transaction(commit=True) as cursor:
            self.write(cursor, placed)
        self.taken(placed)
        return [p.position.number for p in placed]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        query = SELECT_EVENTS + (" ORDER BY version DESC" if desc else " ORDER BY version")
        with self._rows(query + " LIMIT %s", (originator_id, gt, lte, limit)) as rows:
            return [
                StoredEvent(row["profile_id"], row["version"], row["topic"], row["state"])
                for row in rows
            ]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        first = (start or 0) + (0 if inclusive_of_start else 1)
        with self._rows(
            "SELECT profile_id, version, topic, state, position FROM events WHERE shard = %s"
            " AND position >= %s AND position <= coalesce(%s, 9223372036854775807)"
            " AND (%s::text[] = '{}' OR topic = ANY(%s)) ORDER BY position LIMIT %s",
            (self._shard, first, stop, list(topics), list(topics), limit),
        ) as rows:
            return [
                Notification(
                    row["profile_id"], row["version"], row["topic"], row["state"], row["position"]
                )
                for row in rows
            ]

    def max_notification_id(self) -> int | None:
        return self.read_heads([self._shard])[self._shard].number or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "PollingSubscription":
        return PollingSubscription(recorder=self, gt=gt, topics=topics)

    @contextmanager
    def _rows(self, query: str, parameters: tuple[object, ...]) -> Iterator[list[DictRow]]:
        with self.datastore.get_connection() as connection:
            yield connection.execute(query.encode(), parameters).fetchall()


def _position(placed: Placed) -> Position:
    return placed.position


class PollingSubscription(Subscription[ApplicationRecorder]):
    """The library's subscription, woken by time instead of NOTIFY."""

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._page: deque[Notification] = deque()
        self._after = gt or 0

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._page:
                notification = self._page.popleft()
                self._after = notification.id
                return notification
            self._page.extend(
                self._recorder.select_notifications(
                    self._after, PAGE, topics=self._topics, inclusive_of_start=False
                )
            )
            if not self._page:
                sleep(POLL_S)
        raise StopIteration

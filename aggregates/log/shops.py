"""The events of shops: written one at a time, read as they come or as a shop's history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from aggregates.log.keys import Keyring
from aggregates.log.port import StreamMoved
from aggregates.log.reading import connected
from aggregates.shop.settings import Change, Event, SettingsChanged

PAGE_AT_MOST = 500  # events read at once, or as many as are not much larger than
BYTES_AT_MOST = 4 * 1024 * 1024
COLUMNS = "position, namespace_id, version, state, recorded_at, by"
TURN = "LOCK TABLE shop_events IN EXCLUSIVE MODE"  # writers wait for each other, readers do not
APPEND = (
    "INSERT INTO shop_events (position, namespace_id, version, topic, state, recorded_at, by)"
    " SELECT coalesce(max(position), 0) + 1, %s, %s, %s, %s, %s, %s FROM shop_events"
)
PAGE = (
    f"SELECT {COLUMNS} FROM (SELECT {COLUMNS},"  # noqa: S608 - our own columns
    "  sum(octet_length(state)) OVER (ORDER BY {order}) - octet_length(state) AS before"
    " FROM shop_events WHERE {which} ORDER BY {order} LIMIT %s) AS page WHERE before < %s"
    " ORDER BY {order}"
)
AFTER = PAGE.format(which="position > %s", order="position")
HISTORY = PAGE.format(which="namespace_id = %s AND version <= %s", order="version DESC")


class ShopRecord(Struct, frozen=True, kw_only=True):
    """`position` is the event's place among those of all shops; 0 while it has none."""

    position: int = 0
    namespace: int
    version: int
    event: Event
    recorded_at: datetime
    by: str


class Personal(Struct, frozen=True, omit_defaults=True):
    changes: tuple[Change, ...] = ()
    reason: str | None = None


class Stored(Struct, frozen=True, omit_defaults=True):
    """`shop_events.state`, as JSON that auditors can read; only `sealed` is ciphertext."""

    changes: tuple[Change, ...] = ()
    sealed: bytes | None = None


class ShopLog:
    """Every method may raise LogUnreachable."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection[Any]]", keyring: Keyring) -> None:
        self._pool = pool
        self._keyring = keyring

    async def append(self, record: ShopRecord) -> None:
        """Raises StreamMoved where somebody else has written this version."""
        async with connected(self._pool) as connection:
            await append(connection, self._keyring, record)

    async def after(self, position: int) -> list[ShopRecord]:
        """The next of all shops' events, oldest first; none where there are no more."""
        return await self._page(AFTER, position, PAGE_AT_MOST)

    async def history(self, namespace: int, version: int, limit: int) -> list[ShopRecord]:
        """From `version` on, newest first: `limit`, or fewer where they are large."""
        return await self._page(HISTORY, namespace, version, limit)

    async def _page(self, query: str, *values: int) -> list[ShopRecord]:
        async with connected(self._pool) as connection:
            cursor = await connection.execute(query.encode(), (*values, BYTES_AT_MOST))
            return [self._record(row) for row in await cursor.fetchall()]

    def _record(self, row: TupleRow) -> ShopRecord:
        position, namespace, version, state, recorded_at, by = row
        stored, personal = _STORED.decode(state), Personal()
        if stored.sealed is not None:
            key = self._keyring.namespace(namespace)
            personal = _PERSONAL.decode(key.open(stored.sealed, _about(namespace, version)))
        changes = sorted((*stored.changes, *personal.changes), key=lambda change: change.field)
        return ShopRecord(
            position=position,
            namespace=namespace,
            version=version,
            event=SettingsChanged(tuple(changes), personal.reason),
            recorded_at=recorded_at,
            by=by,
        )


async def append(connection: AsyncConnection[Any], keyring: Keyring, record: ShopRecord) -> None:
    """Raises StreamMoved where somebody else has written this version."""
    topic = str(record.event.__struct_config__.tag)
    state, namespace = _state(keyring, record), record.namespace
    row = (namespace, record.version, topic, state, record.recorded_at, record.by)
    try:
        async with connection.transaction():
            await connection.execute(TURN)
            await connection.execute(APPEND.encode(), row)
    except UniqueViolation as error:
        raise StreamMoved(f"version {record.version} was taken meanwhile") from error


def open_changes(state: bytes) -> tuple[Change, ...]:
    """Those that name nobody."""
    return _STORED.decode(state).changes


def _state(keyring: Keyring, record: ShopRecord) -> bytes:
    event = record.event
    personal = Personal(_some(event.changes, personal=True), event.reason)
    sealed = None
    if personal != Personal():
        key = keyring.namespace(record.namespace)
        plain = msgspec.json.encode(personal)
        sealed = key.seal(plain, _about(record.namespace, record.version))
    return msgspec.json.encode(Stored(_some(event.changes, personal=False), sealed))


def _some(changes: Sequence[Change], personal: bool) -> tuple[Change, ...]:
    return tuple(c for c in changes if (c.field in SettingsChanged.PERSONAL) == personal)


def _about(namespace: int, version: int) -> bytes:
    return f"shop_events:{namespace}:{version}".encode()


_STORED = msgspec.json.Decoder(Stored)
_PERSONAL = msgspec.json.Decoder(Personal)

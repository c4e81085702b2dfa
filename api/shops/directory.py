"""Shops by domain, API key and pixel key, remembered for seconds in each API process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, LiteralString, TypeVar

from msgspec import Struct
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from aggregates.log.keys import Keyring
from aggregates.log.reading import connected
from api.shops.keys import Environment, key_hash, looks_like_a_pixel_key
from api.shops.names import looks_like_a_domain
from api.shops.secrets import open_secrets

KNOWN_S = 5.0  # a revoked key or a new secret takes effect within this time
UNKNOWN_S = 1.0  # a new shop may be asked for while it is being created
ENTRIES = 10_000  # beyond this everything is forgotten at once and read again
K = TypeVar("K")
V = TypeVar("V")


class Door(Struct, frozen=True):
    """Where signed deliveries of one environment go, and which secrets sign them."""

    namespace: int
    secrets: tuple[str, ...]


class KeyHolder(Struct, frozen=True):
    """`world` is what clients call their namespace: the shop's domain and the environment."""

    namespace: int
    world: str
    prefix: str
    scopes: frozenset[str]


class Remembered(Generic[K, V]):
    """Answers of `load`, each for a while; many who ask at once wait for one load."""

    def __init__(self, load: Callable[[K], Awaitable[V | None]]) -> None:
        self._load = load
        self._held: dict[K, tuple[float, V | None]] = {}
        self._loading: dict[K, asyncio.Task[V | None]] = {}

    async def get(self, key: K) -> V | None:
        held = self._held.get(key)
        if held is not None and held[0] > time.monotonic():
            return held[1]
        if (loading := self._loading.get(key)) is None:
            loading = asyncio.create_task(self._refresh(key))
            self._loading[key] = loading
        return await asyncio.shield(loading)  # the others still wait if one of us gives up

    async def _refresh(self, key: K) -> V | None:
        try:
            value = await self._load(key)
            if len(self._held) >= ENTRIES:
                self._held.clear()
            lasts = UNKNOWN_S if value is None else KNOWN_S
            self._held[key] = (time.monotonic() + lasts, value)
            return value
        finally:
            del self._loading[key]


class Directory:
    """Every look-up may raise LogUnreachable."""

    def __init__(self, pool: AsyncConnectionPool, keyring: Keyring) -> None:
        self._pool = pool
        self._keyring = keyring
        self._doors = Remembered(self._load_doors)
        self._holders = Remembered(self._load_holder)
        self._pixels = Remembered(self._load_pixel)

    async def doors(self, domain: str) -> tuple[Door, ...] | None:
        """Live before sandbox; None for a shop we do not know."""
        if not looks_like_a_domain(domain):
            return None
        return await self._doors.get(domain)

    async def holder(self, key: str) -> KeyHolder | None:
        """Who an API key belongs to; None for one unknown or revoked."""
        return await self._holders.get(key_hash(key))

    async def pixel(self, key: str) -> int | None:
        """The namespace behind a public pixel key; None for whatever is none."""
        if not looks_like_a_pixel_key(key):
            return None
        return await self._pixels.get(key)

    async def namespace(self, domain: str, world: Environment) -> int | None:
        """Not remembered: only operators ask."""
        if not looks_like_a_domain(domain):
            return None
        query = """SELECT namespace_id FROM namespaces JOIN shops USING (shop_id)
                   WHERE domain = %s AND environment = %s"""
        return next((row[0] for row in await self._rows(query, domain, world)), None)

    async def _load_doors(self, domain: str) -> tuple[Door, ...] | None:
        rows = await self._rows(
            """SELECT namespace_id, environment, webhook_secrets
               FROM namespaces JOIN shops USING (shop_id)
               WHERE domain = %s ORDER BY environment = 'sandbox'""",
            domain,
        )
        return tuple(self._door(domain, *row) for row in rows) or None

    def _door(self, domain: str, number: int, world: Environment, sealed: bytes | None) -> Door:
        return Door(number, open_secrets(self._keyring, domain, world, sealed))

    async def _load_holder(self, hashed: bytes) -> KeyHolder | None:
        rows = await self._rows(
            """SELECT namespace_id, domain || '/' || environment, prefix, scopes
               FROM api_keys JOIN namespaces USING (namespace_id) JOIN shops USING (shop_id)
               WHERE key_hash = %s AND revoked_at IS NULL""",
            hashed,
        )
        found = [KeyHolder(n, world, prefix, frozenset(s)) for n, world, prefix, s in rows]
        return found[0] if found else None

    async def _load_pixel(self, key: str) -> int | None:
        query = "SELECT namespace_id FROM namespaces WHERE pixel_key = %s"
        return next((row[0] for row in await self._rows(query, key)), None)

    async def _rows(self, query: LiteralString, *values: str | bytes) -> list[TupleRow]:
        async with connected(self._pool) as connection:
            return await (await connection.execute(query, values)).fetchall()

"""Who owns which identifier, read by the API's event loop."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from aggregates.log.port import Key as Key
from aggregates.log.port import Owner
from aggregates.log.postgres import OWNERS
from aggregates.log.reading import connected

HEADS = "SELECT profile_id, head FROM redirects WHERE profile_id = ANY(%s)"


class PostgresOwners:
    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection[Any]]") -> None:
        self._pool = pool

    async def of(self, keys: Sequence[Key]) -> dict[Key, Owner]:
        """The owners among these (namespace, digest) keys. Raises LogUnreachable."""
        columns = ([namespace for namespace, _ in keys], [digest for _, digest in keys])
        async with connected(self._pool) as connection:
            cursor = await connection.execute(OWNERS.encode(), columns, binary=True)
            rows = await cursor.fetchall()
        return {(namespace, digest): Owner(*owner) for namespace, digest, *owner in rows}

    async def heads(self, profiles: Sequence[UUID]) -> dict[UUID, UUID]:
        """Who stands for those among these profiles that are part of another one."""
        async with connected(self._pool) as connection:
            cursor = await connection.execute(HEADS, (list(profiles),), binary=True)
            return dict(await cursor.fetchall())

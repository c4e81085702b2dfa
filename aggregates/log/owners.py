"""Who owns which identifier, read by the API's event loop."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from aggregates.log.port import Key as Key
from aggregates.log.postgres import OWNERS
from aggregates.log.reading import connected


class PostgresOwners:
    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection[Any]]") -> None:
        self._pool = pool

    async def of(self, keys: Sequence[Key]) -> dict[Key, UUID]:
        """The owners among these (namespace, digest) keys. Raises LogUnreachable."""
        columns = ([namespace for namespace, _ in keys], [digest for _, digest in keys])
        async with connected(self._pool) as connection:
            cursor = await connection.execute(OWNERS.encode(), columns, binary=True)
            rows = await cursor.fetchall()
        return {(namespace, digest): profile for namespace, digest, profile in rows}

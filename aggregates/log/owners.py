"""Who owns which identifier, read by the API's event loop."""

from collections.abc import Sequence
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from aggregates.log.port import LogUnreachable
from aggregates.log.postgres import OWNERS

Key = tuple[int, bytes]


class PostgresOwners:
    def __init__(self, pool: "AsyncConnectionPool") -> None:
        self._pool = pool

    async def of(self, keys: Sequence[Key]) -> dict[Key, UUID]:
        """The owners among these (namespace, digest) keys. Raises LogUnreachable."""
        columns = ([namespace for namespace, _ in keys], [digest for _, digest in keys])
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(OWNERS.encode(), columns, binary=True)
                rows = await cursor.fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            raise LogUnreachable(type(error).__name__) from error
        return {(namespace, digest): profile for namespace, digest, profile in rows}

"""Read models as the API asks them, also while they are only being made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, errors
from psycopg_pool import AsyncConnectionPool

from aggregates.log.reading import connected
from api.errors import try_again

NOT_MADE_YET = (errors.UndefinedTable, errors.InvalidSchemaName)


@asynccontextmanager
async def reading(
    pool: "AsyncConnectionPool[AsyncConnection[Any]]",
) -> "AsyncIterator[AsyncConnection[Any]]":
    """A connection for what is in them. Raises LogUnreachable, and Problem (503) while they are
    being made."""
    async with connected(pool) as connection:
        try:
            yield connection
        except NOT_MADE_YET as error:
            raise try_again("catching_up", "read models are being made", 5) from error

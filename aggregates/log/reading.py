"""Connections for readers on an event loop, with their failures under our name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from aggregates.log.outages import passes
from aggregates.log.port import LogUnreachable


@asynccontextmanager
async def connected(
    pool: "AsyncConnectionPool[AsyncConnection[Any]]",
) -> "AsyncIterator[AsyncConnection[Any]]":
    """A connection of the pool. Raises LogUnreachable, also for what happens inside the block."""
    try:
        async with pool.connection() as connection:
            yield connection
    except psycopg.Error as error:
        if passes(error):
            raise LogUnreachable(type(error).__name__) from error
        raise

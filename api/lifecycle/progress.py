"""How far a shop's customers have been looked at since it changed its windows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.errors import UndefinedTable
from psycopg_pool import AsyncConnectionPool

from aggregates.log.reading import connected
from api.lifecycle.restaging import NOBODY

HELD = (
    "SELECT namespace_id, windows, customer, looked_at, begun_at, finished_at"
    " FROM rm_stages.restaging"
)
PUT = """
    INSERT INTO rm_stages.restaging (namespace_id, windows, customer, looked_at, begun_at,
        finished_at) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (namespace_id) DO UPDATE SET windows = excluded.windows,
        customer = excluded.customer, looked_at = excluded.looked_at,
        begun_at = excluded.begun_at, finished_at = excluded.finished_at
"""
LEFT = "SELECT count(*) FROM rm_stages.stages WHERE namespace_id = %s AND profile_id > %s"
Pool = AsyncConnectionPool[AsyncConnection[Any]]


class Progress(NamedTuple):
    """Of a shop's customers by these windows: `looked_at` so many, `last` was the last one.

    Windows are known by the version of the settings that they came with: two that are equal, with
    others between, are not the same. Who never set any has 0, by which everybody was staged.
    """

    windows: int
    last: UUID = NOBODY
    looked_at: int = 0
    begun_at: datetime | None = None
    finished_at: datetime | None = None


class Restaging(Struct, frozen=True, kw_only=True):
    """`left` of a shop's customers have not been looked at by its new windows; `since` when it is
    under way. None are left where the windows were never changed."""

    left: int
    of: int
    since: datetime | None = None
    finished_at: datetime | None = None


def is_done(held: Progress | None, windows: int) -> bool:
    if held is None:
        return windows == 0
    return held.windows == windows and held.finished_at is not None


async def held_of_all(pool: Pool) -> Mapping[int, Progress] | None:
    """By the windows last looked at with, for all shops in one query; None before there is a read
    model of stages."""
    async with connected(pool) as connection:
        try:
            rows = await (await connection.execute(HELD)).fetchall()
        except UndefinedTable:
            return None
    return {namespace: Progress(*held) for namespace, *held in rows}


async def put(pool: Pool, namespace: int, progress: Progress) -> None:
    async with connected(pool) as connection:
        await connection.execute(PUT, (namespace, *progress))


async def told(pool: Pool, namespace: int, windows: int) -> Restaging:
    """Raises LogUnreachable."""
    all_held = await held_of_all(pool)
    held = all_held.get(namespace) if all_held is not None else None
    one = held if held is not None and held.windows == windows else Progress(windows)
    left = 0
    if all_held is not None and not is_done(held, windows):
        left = await _left(pool, namespace, one.last)
    of = one.looked_at + left
    return Restaging(left=left, of=of, since=one.begun_at, finished_at=one.finished_at)


async def _left(pool: Pool, namespace: int, after: UUID) -> int:
    async with connected(pool) as connection:
        cursor = await connection.execute(LEFT, (namespace, after))
        ((left,),) = await cursor.fetchall()
    return int(left)

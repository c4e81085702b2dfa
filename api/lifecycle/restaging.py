"""A shop has changed its windows: whose stage is another one now, and when does it end?"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from aggregates.log.reading import connected
from aggregates.profile.events.lifecycle import Stage
from aggregates.profile.lifecycle import Run, course, due_at, told
from aggregates.shop.lifecycle_rules import LifecycleRules

AT_ONCE = 1_000  # customers in one page
NOBODY = UUID(int=0)
PAGE = """
    SELECT profile_id, version, active_stage, active_at, recorded_stage FROM rm_stages.stages
    WHERE namespace_id = %s AND profile_id > %s ORDER BY profile_id LIMIT %s
"""
# never later than it was: a row may know of more than its last sign of life
BRING_FORWARD = """
    UPDATE rm_stages.stages SET due_at = least(due_at, %s) WHERE profile_id = %s AND version = %s
"""


class Row(NamedTuple):
    profile: UUID
    version: int
    active_stage: Stage
    active_at: datetime | None
    recorded_stage: Stage


class Reached(NamedTuple):
    """How far we have come: go on after `profile`. `looked_at` are those of the page."""

    profile: UUID
    looked_at: int


async def restage(
    pool: "AsyncConnectionPool[AsyncConnection[Any]]",
    namespace: int,
    rules: LifecycleRules,
    now: datetime,
    after: UUID = NOBODY,
) -> AsyncIterator[Reached]:
    """Makes those due whose stage ends otherwise by `rules`; the clock records what changed.

    Page by page; broken off it may go on `after` any page, and doing a page again is harmless.
    Every reader of the log must know the new rules before. Raises LogUnreachable.
    """
    while rows := await _page(pool, namespace, after):
        due = [(_due_at(row, rules, now), row.profile, row.version) for row in rows]
        async with connected(pool) as connection, connection.cursor() as cursor:
            await cursor.executemany(BRING_FORWARD, [one for one in due if one[0] is not None])
        after = rows[-1].profile
        yield Reached(after, len(rows))


async def _page(
    pool: "AsyncConnectionPool[AsyncConnection[Any]]", namespace: int, after: UUID
) -> list[Row]:
    async with connected(pool) as connection:
        cursor = await connection.execute(PAGE, (namespace, after, AT_ONCE))
        return [Row(*row) for row in await cursor.fetchall()]


def _due_at(row: Row, rules: LifecycleRules, now: datetime) -> datetime | None:
    stages = course(Run(row.active_at, row.active_stage), rules) if row.active_at else ()
    return due_at(told(list(stages), now), row.recorded_stage, now)

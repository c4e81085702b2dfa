"""The feed of changes as platforms read it: page by page, or waiting for the next change."""

from asyncio import sleep
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from math import inf
from time import monotonic
from typing import Any, NamedTuple

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.errors import UndefinedTable
from psycopg.rows import class_row, scalar_row
from psycopg_pool import AsyncConnectionPool

from aggregates.log.reading import connected
from api.operations.condition import Condition

MAX_WAITING = 200  # at once in a process; whoever comes then is answered without waiting
LOOK_S = 1.0
WAIT_AT_MOST_S = 30.0
LIFE = "SELECT id FROM rm_changes.life"
PAGE = """
    SELECT seq, change_id, kind, profile_id::text, occurred_at, recorded_at, data
    FROM rm_changes.changes WHERE namespace_id = %(namespace)s AND seq > %(after)s
"""
OF_KIND = " AND kind = %(kind)s"
IN_ORDER = " ORDER BY seq LIMIT %(most)s"
GAVE = """
    SELECT %(seq)s = 0 OR NOT EXISTS (SELECT FROM rm_changes.life WHERE id = %(life)s)
        OR EXISTS (SELECT FROM rm_changes.changes
            WHERE seq = %(seq)s AND namespace_id = %(namespace)s)
"""
NO_LIFE = "0"  # while nobody has begun to tell


class Cursor(NamedTuple):
    """The last one seen. Of another life of the feed it means nothing: all is told again."""

    life: str
    seq: int


class Asked(NamedTuple):
    namespace: int
    after: Cursor
    limit: int
    kind: str | None


class Row(Struct, frozen=True):
    seq: int
    change_id: str
    kind: str
    profile_id: str
    occurred_at: datetime
    recorded_at: datetime
    data: dict[str, object]


class Page(NamedTuple):
    """`end` is where to go on; there `is_more` at once or not."""

    rows: list[Row]
    end: Cursor
    is_more: bool


BEGINNING = Cursor(NO_LIFE, 0)


class Feed:
    """Whoever waits here takes up no room that others need: see `Silences`."""

    silent_until = -inf

    def __init__(
        self,
        pool: "AsyncConnectionPool[AsyncConnection[Any]]",
        condition: Condition,
        patience_s: float,
    ) -> None:
        self._pool = pool
        self._condition = condition
        self._patience_s = patience_s
        self.held_up = 0

    async def page(self, asked: Asked) -> Page:
        """Raises LogUnreachable."""
        async with connected(self._pool) as connection:
            try:
                return await _page(connection, asked)
            except UndefinedTable:
                return Page([], asked.after, is_more=False)

    async def gave(self, namespace: int, place: Cursor) -> bool:
        """Whether a reader of this namespace may have been there: in this life of the feed a reader
        stops at changes of its own; in another one any place is the beginning.

        Raises LogUnreachable.
        """
        async with connected(self._pool) as connection:
            values = {"namespace": namespace, **place._asdict()}
            try:
                found = await (await connection.execute(GAVE, values)).fetchone()
            except UndefinedTable:
                return True
        return found == (True,)

    async def news(self, asked: Asked, wait_s: float) -> tuple[Page, float]:
        """As soon as there is any, at the latest after `wait_s`; and how long that was waited for.

        Raises LogUnreachable.
        """
        began = monotonic()
        latest = began + min(wait_s, self._patience_s if self.held_up < MAX_WAITING else 0)
        page = await self.page(asked)
        with self._waiting():
            while not page.rows and self._may_wait(latest):
                await sleep(min(LOOK_S, latest - monotonic()))
                page = await self.page(asked)
        return page, monotonic() - began

    def _may_wait(self, latest: float) -> bool:
        return monotonic() < latest and not self._condition.draining

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self.held_up += 1
        try:
            yield
        finally:
            self.held_up -= 1


async def _page(connection: "AsyncConnection[Any]", asked: Asked) -> Page:
    lives = connection.cursor(row_factory=scalar_row)
    life = str(await (await lives.execute(LIFE)).fetchone())
    after = asked.after.seq if asked.after.life == life else 0
    wanted = {
        "namespace": asked.namespace,
        "after": after,
        "kind": asked.kind,
        "most": asked.limit + 1,
    }
    query = PAGE + (OF_KIND if asked.kind else "") + IN_ORDER
    rows = connection.cursor(row_factory=class_row(Row))
    found = await (await rows.execute(query.encode(), wanted)).fetchall()
    shown = found[: asked.limit]
    end = shown[-1].seq if shown else after
    return Page(shown, Cursor(life, end), is_more=len(found) > len(shown))

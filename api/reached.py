"""Reading what one has just written: an answer waits until read models have come that far."""

import re
from asyncio import sleep
from collections.abc import Sequence
from time import monotonic
from typing import Annotated, Any, NamedTuple

from fastapi import Query
from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

from aggregates.log.reading import connected
from api.errors import Fault, Problem, invalid, try_again
from api.operations.condition import Condition
from api.read_models import NOT_MADE_YET
from projections.readmodel import schema_of

WAIT_AT_MOST_S = 5.0
LOOK_S = 0.05
MAX_WAITING = 200  # at once in a process; whoever comes then is answered without waiting
HEAD = "SELECT coalesce(max(position), 0) FROM events WHERE shard = %s"
COME_TO = SQL(
    "coalesce((SELECT max(notification_id) FROM {} WHERE application_name = %(shard)s::text), 0)"
)
EXPECTED = "expected a position such as 17:345"
_POSITION = re.compile(r"([0-9]{1,3}):([0-9]{1,19})")
OnePosition = Annotated[str | None, Query(pattern=f"^{_POSITION.pattern}$")]


class Position(NamedTuple):
    """An event's place in the log."""

    shard: int
    number: int


def position_of(text: str) -> Position:
    """Raises Problem."""
    if (found := _POSITION.fullmatch(text)) is None:
        raise invalid(Fault("after", EXPECTED))
    return Position(int(found[1]), int(found[2]))


class Reached:
    def __init__(
        self,
        pool: "AsyncConnectionPool[AsyncConnection[Any]]",
        condition: Condition,
        patience_s: float,
    ) -> None:
        self._pool = pool
        self._condition = condition
        self._patience_s = min(patience_s, WAIT_AT_MOST_S)
        self._waiting = 0

    async def wait(self, position: Position, models: Sequence[str]) -> float:
        """For how long. No connection is held meanwhile.

        Raises LogUnreachable, and Problem: 422 for a position that was never given, 503 where read
        models do not come to it in time.
        """
        began = monotonic()
        await self._check(position)
        self._waiting += 1
        try:
            while not await self._is_reached(position, models):
                if self._gives_up(monotonic() - began):
                    raise _behind()
                await sleep(LOOK_S)
        finally:
            self._waiting -= 1
        return monotonic() - began

    def _gives_up(self, waited_s: float) -> bool:
        is_crowded = self._waiting > MAX_WAITING
        return waited_s >= self._patience_s or is_crowded or self._condition.draining

    async def _check(self, position: Position) -> None:
        async with connected(self._pool) as connection:
            row = await (await connection.execute(HEAD, (position.shard,))).fetchone()
        if row is None or row[0] < position.number:
            raise invalid(Fault("after", f"{EXPECTED} that a command was answered"))

    async def _is_reached(self, position: Position, models: Sequence[str]) -> bool:
        tables = [COME_TO.format(Identifier(schema_of(one), "tracking")) for one in models]
        query = SQL("SELECT least({})").format(SQL(", ").join(tables))
        try:
            async with connected(self._pool) as connection:
                cursor = await connection.execute(query, {"shard": position.shard})
                row = await cursor.fetchone()
        except NOT_MADE_YET:
            return False
        return row is not None and row[0] >= position.number


def _behind() -> Problem:
    return try_again("catching_up", "read models have not come to this position yet", 1)

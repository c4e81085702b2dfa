"""Whom the read model of likeness found alike becomes a candidate, once for each pair."""

from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from psycopg.errors import UndefinedTable
from uuid_utils.compat import uuid7

from actors.signals import Signal, Step, UnknownProfile
from aggregates.log.reading import connected
from aggregates.matching.score import WORTH_ASKING
from aggregates.profile.decisions.lineage import OpenCandidate
from api.noticed import noticed
from api.ports import Ports
from api.rounds import rounds

EVERY_S = 1.0
AT_ONCE = 100  # pairs in one round
RESTS = 1  # times as long as a round takes: nobody waits for a candidate, and many for the hosts
RULE = "alike"
UNASKED = (
    "SELECT one, other, namespace_id, score, plain_score, evidence FROM rm_likeness.alike"
    " WHERE NOT asked ORDER BY score DESC LIMIT %s"
)
ASKED = "UPDATE rm_likeness.alike SET asked = true WHERE one = %s AND other = %s"


class Alike(NamedTuple):
    one: UUID
    other: UUID
    namespace: int
    score: float
    plain_score: float  # where dots and +tags tell addresses at Gmail apart
    evidence: list[str]


class Asking:
    """Two processes doing so repeat, harmlessly: a pair has one command id."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def forever(self) -> None:
        await rounds(self._is_busy, EVERY_S, "candidates", RESTS)

    async def _is_busy(self) -> bool:
        return await self.round() == AT_ONCE

    async def round(self) -> int:
        """Asks about the likeliest; how many. Raises Busy, Unavailable or one of UNREACHABLE."""
        pairs = await self._unasked()
        for pair in pairs:
            await self._ask(pair)
        return len(pairs)

    async def _unasked(self) -> list[Alike]:
        async with connected(self._ports.pool) as connection:
            try:
                cursor = await connection.execute(UNASKED, (AT_ONCE,))
            except UndefinedTable:  # nobody has begun to look yet
                return []
            return [Alike(*row) for row in await cursor.fetchall()]

    async def _ask(self, pair: Alike) -> None:
        """A refusal answers the question: they are one, or somebody has said that they are not."""
        likely = (
            pair.score if self._ports.rules.of(pair.namespace).gmail_equal else pair.plain_score
        )
        if likely >= WORTH_ASKING:
            with suppress(UnknownProfile):
                await self._ports.gateway.submit(self._signal(pair, likely))
        async with connected(self._ports.pool) as connection:
            await connection.execute(ASKED, (pair.one, pair.other))

    def _signal(self, pair: Alike, likely: float) -> Signal:
        opened = OpenCandidate(
            uuid7(), pair.one, pair.other, round(likely, 4), RULE, tuple(pair.evidence)
        )
        name, step = f"{RULE}:{pair.one}:{pair.other}", Step(self._ports.now(), opened)
        return noticed(name, step, by="likeness", namespace=pair.namespace, profile=pair.one)

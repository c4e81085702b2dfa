"""Records that a customer's stage has changed: within seconds where something happened, and at
the hour where nothing did."""

import asyncio
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from psycopg.errors import UndefinedTable

from actors.signals import Signal, Step, UnknownProfile
from aggregates.log.reading import connected
from aggregates.profile.decisions.lifecycle import RecordStage
from aggregates.profile.lifecycle import due_at, standing
from aggregates.shop.lifecycle_rules import LifecycleRulesOf
from api.noticed import noticed
from api.ports import Ports
from api.rounds import rounds

EVERY_S = 1.0
AT_ONCE = 200  # customers in one round
RESTS = 1  # times as long as a round takes: senders of webhooks are served between two rounds
PUT_OFF = timedelta(seconds=30)  # whom we could not look at, or who changes while we look
DUE = """
    SELECT profile_id, namespace_id, version, due_at,
        CASE WHEN stage = recorded_stage THEN due_at ELSE coalesce(since, due_at) END
    FROM rm_stages.stages WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(most)s
"""
SETTLE = (
    "UPDATE rm_stages.stages SET due_at = %s WHERE profile_id = %s AND version = %s AND due_at = %s"
)


class Due(NamedTuple):
    """Whom to look at; `changed_at` is when their stage changed, as far as the row can tell."""

    profile: UUID
    namespace: int
    version: int
    due_at: datetime
    changed_at: datetime


class Clock:
    """Any number of processes may do so at once: what was noticed is not noticed again."""

    def __init__(self, ports: Ports, rules_of: LifecycleRulesOf | None = None) -> None:
        self._ports = ports
        self._rules_of = rules_of or ports.rules.lifecycle

    async def forever(self) -> None:
        await rounds(self._is_busy, EVERY_S, "clock", RESTS)

    async def _is_busy(self) -> bool:
        return await self.round() == AT_ONCE

    async def round(self) -> int:
        """Looks at those who are due, longest first; how many. Raises as `submit` of the gateway,
        or one of UNREACHABLE, once all others are dealt with."""
        now = self._ports.now()
        due = await self._due(now)
        looks = (self._looked_at(one, now) for one in due)
        found = await asyncio.gather(*looks, return_exceptions=True)
        pairs = zip(due, found, strict=True)
        await self._settle([(o, when) for o, when in pairs if not isinstance(when, BaseException)])
        for failed in found:
            if isinstance(failed, BaseException):
                raise failed
        return len(due)

    async def _due(self, now: datetime) -> list[Due]:
        async with connected(self._ports.pool) as connection:
            try:
                cursor = await connection.execute(DUE, {"now": now, "most": AT_ONCE})
            except UndefinedTable:  # nobody has begun to look yet
                return []
            return [Due(*row) for row in await cursor.fetchall()]

    async def _looked_at(self, one: Due, now: datetime) -> datetime | None:
        """When to look again. After a change its event says so, through the read model."""
        try:
            outcome = await self._ports.gateway.submit(self._signal(one, now))
        except UnknownProfile:
            return None
        if outcome.events or outcome.refused == "erased":
            return None
        return now + PUT_OFF if outcome.refused else await self._next(one, now)

    async def _next(self, one: Due, now: datetime) -> datetime | None:
        folded = await self._ports.histories.profile(one.namespace, one.profile)
        if folded is None or folded.profile.lineage.absorbed_into is not None:
            return None
        found = standing(folded.profile, self._rules_of(one.namespace), now)
        due = due_at(found, folded.profile.lifecycle.stage, now)
        return now + PUT_OFF if due is not None and due <= now else due

    async def _settle(self, looked: list[tuple[Due, datetime | None]]) -> None:
        """Rows that were written again meanwhile know better."""
        settled = [(due, one.profile, one.version, one.due_at) for one, due in sorted(looked)]
        async with connected(self._ports.pool) as connection, connection.cursor() as cursor:
            await cursor.executemany(SETTLE, settled)

    def _signal(self, one: Due, now: datetime) -> Signal:
        """Its id names the row: whoever reads the same row asks the same question."""
        name = f"stage:{one.profile}:{one.version}:{one.due_at.isoformat()}"
        look = RecordStage(now, self._rules_of(one.namespace))
        step = Step(min(one.changed_at, now), look)
        return noticed(name, step, by="clock", namespace=one.namespace, profile=one.profile)

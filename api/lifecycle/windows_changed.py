"""Whenever a shop has changed its windows its customers are looked at again, page by page."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from psycopg.errors import UndefinedTable

from aggregates.log.reading import connected
from aggregates.shop.lifecycle_rules import LifecycleRules
from api.lifecycle.restaging import NOBODY, restage
from api.ports import Ports
from api.rounds import rounds

EVERY_S = 2.0
KNOWN_BY_ALL = timedelta(seconds=3)  # every reader of the log looks for new rules once a second
HELD = (
    "SELECT namespace_id, at_risk_days, churned_days, customer, looked_at, finished_at IS NOT NULL"
    " FROM rm_stages.restaged"
)
PUT = """
    INSERT INTO rm_stages.restaged VALUES (%s, %s, %s, %s, %s, CASE WHEN %s THEN now() END)
    ON CONFLICT (namespace_id) DO UPDATE SET at_risk_days = excluded.at_risk_days,
        churned_days = excluded.churned_days, customer = excluded.customer,
        looked_at = excluded.looked_at, finished_at = excluded.finished_at
"""


class Progress(NamedTuple):
    """Of a shop's customers by these windows: `looked_at` so many, `last` was the last one."""

    at_risk_days: int
    churned_days: int
    last: UUID = NOBODY
    looked_at: int = 0
    finished: bool = False

    def is_of(self, rules: LifecycleRules) -> bool:
        return (self.at_risk_days, self.churned_days) == (rules.at_risk_days, rules.churned_days)


USUAL = Progress(LifecycleRules().at_risk_days, LifecycleRules().churned_days, finished=True)


class WindowsChanged:
    """Broken off it goes on where it was; two processes doing so repeat, harmlessly."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def forever(self) -> None:
        await rounds(self.round, EVERY_S, "restaging")

    async def round(self) -> bool:
        """Never asks for another one at once. Raises Unavailable or one of UNREACHABLE."""
        progress = await self._progress()
        if progress is None:
            return False
        for namespace in self._ports.rules.settled:
            known = self._ports.rules.known(namespace)
            held = progress.get(namespace, USUAL)
            rules = known.settings.lifecycle
            is_new = known.changed_at is not None and (
                self._ports.now() - known.changed_at < KNOWN_BY_ALL
            )
            if not is_new and not (held.is_of(rules) and held.finished):
                await self._look_at_all(namespace, rules, held)
        return False

    async def _progress(self) -> dict[int, Progress] | None:
        """By the windows last looked at with, for all shops in one query; None before there is a
        read model of stages."""
        async with connected(self._ports.pool) as connection:
            try:
                rows = await (await connection.execute(HELD)).fetchall()
            except UndefinedTable:
                return None
        return {namespace: Progress(*held) for namespace, *held in rows}

    async def _look_at_all(self, namespace: int, rules: LifecycleRules, held: Progress) -> None:
        begun = held if held.is_of(rules) else Progress(rules.at_risk_days, rules.churned_days)
        count, last, now = begun.looked_at, begun.last, self._ports.now()
        async for reached in restage(self._ports.pool, namespace, rules, now, last):
            count, last = count + reached.looked_at, reached.profile
            await self._put(namespace, begun._replace(last=last, looked_at=count))
        await self._put(namespace, begun._replace(last=last, looked_at=count, finished=True))

    async def _put(self, namespace: int, progress: Progress) -> None:
        async with connected(self._ports.pool) as connection:
            await connection.execute(PUT, (namespace, *progress))

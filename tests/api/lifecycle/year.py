"""A year of a shop: days pass at once, and what follows the log and the clock are put forward."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from actors.signals import Outcome, Signal
from aggregates.shop.lifecycle_rules import LifecycleRules
from api.lifecycle.clock import Clock
from api.lifecycle.restaging import NOBODY, Reached, restage
from api.ports import Ports
from projections.changes import ChangeFeed
from projections.runner import Runner
from projections.stages import Stages
from tests.api.merges.store import KEYRING, Store, ok
from tests.api.merges.store import opened as store_opened
from tests.projections.store import catch_up

IDS = count(1)
Answers = Callable[[Signal], Outcome | Exception | None]
DAY = timedelta(days=1)


class Shop(NamedTuple):
    """What is opened once; `ports` know the calendar of the store."""

    store: Store
    ports: Ports
    dsn: str


@dataclass
class Otherwise:
    """A gateway where some signals meet what `answers` says."""

    gateway: Any
    answers: Answers

    async def submit(self, signal: Signal) -> Outcome:
        told = self.answers(signal)
        if isinstance(told, Exception):
            raise told
        return told or await self.gateway.submit(signal)


class Year:
    def __init__(self, shop: Shop) -> None:
        self.store = shop.store
        self.rules = LifecycleRules()
        self.start = datetime.now(UTC).replace(microsecond=0)
        self._shop = shop
        self._clock = Clock(shop.ports, lambda _: self.rules)
        self._runner = self._reader()

    def pass_days(self, days: float) -> None:
        self.store.ahead += days * DAY

    def ordered(self, mail: str, at: datetime) -> str:
        """An order placed at that instant."""
        number, moment = f"o{next(IDS)}", at.isoformat()
        total = {"amount": "10.00", "currency": "EUR"}
        more = {"order_id": number, "placed_at": moment, "total": total, "occurred_at": moment}
        return str(self.store.told("RecordOrder", {"email": mail}, **more)["profile_id"])

    def read_anew(self) -> None:
        """By another process, from the beginning."""
        self.rows("DELETE FROM rm_stages.tracking RETURNING 1")
        self.rows("DELETE FROM rm_stages.stages RETURNING 1")
        self.close()
        self._runner = self._reader()
        self.read()

    def read(self) -> None:
        """What the log has is read to its end."""
        catch_up(self._runner)

    def tick(self) -> int:
        """How many the clock looked at."""
        return self.store.run(self._clock.round())

    def tick_against(self, answers: Answers) -> int:
        """The same where some signals are answered otherwise."""
        return self.store.run(self._against(answers).round())

    def tick_on(self, answers: Answers, until: Callable[[], bool]) -> None:
        """By itself, as in a running server."""

        async def work() -> None:
            ticking = asyncio.create_task(self._against(answers).forever())
            while not until():  # noqa: ASYNC110  # the log tells nobody
                await asyncio.sleep(0.01)
            ticking.cancel()

        self.store.run(work())

    def _against(self, answers: Answers) -> Clock:
        ports = replace(self._shop.ports, gateway=Otherwise(self._shop.ports.gateway, answers))
        return Clock(ports, lambda _: self.rules)

    def tick_together(self, clocks: int) -> list[int]:
        """Several processes at the same time."""

        async def together() -> list[int]:
            return await asyncio.gather(*(self._clock.round() for _ in range(clocks)))

        return self.store.run(together())

    def go_on(self) -> None:
        """Until nothing is left to be noticed."""
        self.read()
        while self.tick():
            self.read()

    def restaged(self, after: UUID = NOBODY) -> list[Reached]:
        async def walked() -> list[Reached]:
            pages = restage(self._shop.ports.pool, 1, self.rules, self.store.now(), after)
            return [reached async for reached in pages]

        found: list[Reached] = self.store.run(walked())
        return found

    def lifecycle(self, known: str, query: str = "") -> dict[str, Any]:
        return dict(ok(self.store.get(f"/v1/profiles/{known}{query}"))["lifecycle"])

    def noticed(self, known: str) -> list[tuple[str, str, str]]:
        """From where, to where, since when."""
        path = f"/v1/profiles/{known}/events?type=lifecycle.stage_changed"
        told = (one["data"] for one in ok(self.store.get(path))["items"])
        return [(one["from"], one["to"], one["since"]) for one in told]

    def changes(self, query: str = "") -> dict[str, Any]:
        return ok(self.store.get(f"/v1/changes{query}"))

    def changes_while_time_passes(self, query: str) -> dict[str, Any]:
        """What a reader hears who asked before the clock looked."""

        async def later() -> None:
            await asyncio.sleep(0.1)
            await self._clock.round()
            self.read()

        return ok(self.store.get_while(f"/v1/changes{query}", later()))

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        with psycopg.connect(self._shop.dsn) as connection:
            return connection.execute(query.encode()).fetchall()

    def _reader(self) -> Runner:
        models = [Stages(lambda _: self.rules, self.store.now), ChangeFeed()]
        return Runner(self._shop.dsn, KEYRING, models)

    def close(self) -> None:
        self._runner.close()


def said(at: datetime) -> str:
    """As JSON has it."""
    return at.isoformat().replace("+00:00", "Z")


@contextmanager
def opened(dsn: str) -> Iterator[Year]:
    with store_opened(dsn) as store:
        year = Year(Shop(store, store.ports, dsn))
        yield year
        year.close()

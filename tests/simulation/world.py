"""What everything in a run shares: its chance, its time, its database, its story."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from actors.line import HostLost
from actors.placement import shard_of
from actors.signals import Busy, NobodyYet, Unavailable, UnknownProfile
from aggregates.log.memory import MemoryTables
from tests.given import NOON
from tests.simulation.loop import Tasks
from tests.simulation.product import Product
from tests.simulation.truth import Truth
from tests.simulation.weather import Weather

T = TypeVar("T")
FORESEEN = (Busy, HostLost, NobodyYet, Unavailable, UnknownProfile)
LATENCIES_S = (0.003, 0.03, 0.12)  # of the database; the longer, the more happens at once
OUTAGE_S = 3.0
SHARDS = 6  # few, so that strangers meet in one


class PromiseBroken(Exception):
    """The product did what it promises never to do."""


class World:
    def __init__(self, seed: int, product: Product, only: Collection[str] | None) -> None:
        self.product = product
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(lambda _, said: self.broken(f"asyncio: {said}"))
        self.random = Random(seed)  # noqa: S311  # it must be repeatable
        self.weather = Weather(self.random, only)
        self.tables = MemoryTables()
        self.truth = Truth(self.tables)
        self.story: list[str] = []
        self.over: asyncio.Future[None] = self.loop.create_future()
        self._tasks = Tasks()
        self._ids = _ids()
        self.latency_s = self.random.choice(LATENCIES_S)
        self._database_back = 0.0

    def note(self, who: str, what: str) -> None:
        """One line of the story that a failing run tells."""
        self.story.append(f"{self.loop.time():8.3f}  {who:<10} {what}")

    def broken(self, promise: str) -> None:
        """Ends the run, wherever in it we are."""
        self.note("BROKEN", promise)
        if not self.over.done():
            self.over.set_exception(PromiseBroken(promise))

    def raise_if_broken(self) -> None:
        if self.over.done():
            self.over.result()

    def calm(self) -> None:
        self.note("weather", "is calm from now on")
        self.weather.calm = True

    def mint(self) -> UUID:
        return next(self._ids)

    def between(self, least: float, most: float) -> float:
        return self.random.uniform(least, most)

    def later(self, least: float, most: float, do: Callable[[], object]) -> None:
        self.loop.call_later(self.between(least, most), do)

    def spawn(
        self, work: Coroutine[Any, Any, T], process: Tasks | None = None
    ) -> "asyncio.Task[T]":
        """Work that goes on whether anybody waits for it or not; it dies with its process."""
        task = (process or self._tasks).start(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, FORESEEN):
            self.broken(f"an error nobody foresaw: {error!r}")

    def now(self, ahead_s: float = 0.0) -> datetime:
        return NOON + timedelta(seconds=self.loop.time() + ahead_s)

    @property
    def database_is_down(self) -> bool:
        if self.weather.strikes("outage"):
            self._database_back = self.loop.time() + self.between(0.0, OUTAGE_S)
            self.note("database", f"answers nobody until {self._database_back:.3f}")
        return not self.weather.calm and self.loop.time() < self._database_back


async def first_of(
    one: "asyncio.Future[Any]", other: "asyncio.Future[Any]", within_s: float | None = None
) -> None:
    """Returns when either is done, or the time is over."""
    await asyncio.wait([one, other], timeout=within_s, return_when=asyncio.FIRST_COMPLETED)


def _ids() -> Iterator[UUID]:
    return (one for n in count(1) if shard_of(one := UUID(int=n)) < SHARDS)


def name_of(profile: UUID) -> str:
    """Short enough for a story."""
    return f"p{profile.int}"

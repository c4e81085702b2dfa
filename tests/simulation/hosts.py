"""Hosts: processes that die, are replaced while they go on, and keep their own time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count

import msgspec

from actors.line import HostLost
from actors.shard import Contended
from actors.signals import Routed
from aggregates.log.port import LogUnreachable
from aggregates.log.residents import Residents
from tests.actors.shopping import KEYRING
from tests.simulation.database import DriverBug, SimulatedLog
from tests.simulation.fibers import Fiber
from tests.simulation.oracle import remembers_rightly
from tests.simulation.world import World

RESIDENTS = (2, 50, 50)  # how many a host may keep; few, so that it reads again and again
RESTART_S = 3.0
TIDY_S = 0.5
STEP_S = 100_000.0  # how far a clock may jump
FORESEEN = (LogUnreachable, Contended, DriverBug)

_BATCH = msgspec.msgpack.Decoder(list[Routed])
_encode = msgspec.msgpack.Encoder().encode


class Died(BaseException):
    """The process is no more; what it was doing ends here."""


class HostProcess:
    """One process with its memory. It does one thing at a time."""

    def __init__(self, world: World, slot: "Slot", name: str) -> None:
        self.name = name
        self.died: asyncio.Future[None] = world.loop.create_future()
        self._world = world
        self._slot = slot
        self._turn = asyncio.Lock()
        self._fiber: Fiber | None = None
        self._ahead_s = 0.0
        kept = Residents(world.random.choice(RESIDENTS))
        self.work = world.product.work(SimulatedLog(world, self), KEYRING, kept)

    @property
    def alive(self) -> bool:
        return not self.died.done()

    async def apply(self, batch: bytes) -> bytes:
        """Raises HostLost."""
        routed = _BATCH.decode(batch)
        answers = await self._do(lambda: _encode(self.work.apply(routed, self._now())), routed)
        self._tidy_soon()
        assert isinstance(answers, bytes)
        return answers

    def pause(self, seconds: float) -> None:
        assert self._fiber is not None
        self._fiber.pause(seconds)
        if not self.alive:
            raise Died

    def may_die(self) -> None:
        weather = self._world.weather
        if self._slot.process is self and weather.strikes("host replaced"):
            self._slot.replace()
        if weather.strikes("host dies"):
            self.die()
        if not self.alive:
            raise Died

    def die(self) -> None:
        if self.alive:
            self._world.note(self.name, "dies")
            self.died.set_result(None)
            self._slot.lost(self)

    async def _do(self, work: Callable[[], object], batch: Sequence[Routed] = ()) -> object:
        async with self._turn:
            if not self.alive:
                raise HostLost(f"{self.name} is dead")
            self._fiber = Fiber(work)
            try:
                return await self._fiber.run()
            except (*FORESEEN, Died) as error:
                raise HostLost(f"{self.name}: {type(error).__name__}") from error
            except Exception as error:  # a run ends with the first of them
                self._world.broken(f"{self.name} fails with {error!r}")
                raise HostLost(self.name) from error
            finally:
                if self.alive:
                    remembers_rightly(self._world, self.name, self.work, batch)

    def _tidy_soon(self) -> None:
        now = self._world.weather.strikes("snapshot now")
        self._world.later(0, 0 if now else TIDY_S, lambda: self._world.spawn(self._tidy()))

    async def _tidy(self) -> None:
        try:
            if saved := await self._do(self.work.save_snapshots):
                self._world.note(self.name, f"saved {saved} snapshots")
        except HostLost:
            """A snapshot only saves time."""

    def _now(self) -> datetime:
        if self._world.weather.strikes("clock steps"):
            self._ahead_s = self._world.between(-STEP_S, STEP_S)
        return self._world.now(self._ahead_s)


class Slot:
    """A host by its name: `process` bears it now, others who did may still be among `owners`."""

    def __init__(self, world: World, number: int) -> None:
        self._world = world
        self._names = (f"host-{number}.{life}" for life in count(1))
        self.process = self._started()
        self.owners = [self.process]

    def replace(self) -> None:
        """A new process bears the name; the one before may not know it."""
        self.process = self._started()
        self.owners = [self.process, *(owner for owner in self.owners if owner.alive)]

    def lost(self, process: HostProcess) -> None:
        if process is self.process:
            self._world.later(0, RESTART_S, self.replace)

    def _started(self) -> HostProcess:
        process = HostProcess(self._world, self, next(self._names))
        self._world.note(process.name, "starts")
        return process

"""API processes and the network between them and the hosts."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from actors.calling import CALL_TIMEOUT_S
from actors.line import HostLost
from actors.signals import Outcome, Signal
from tests.actors.callers import usual
from tests.actors.shopping import KEYRING
from tests.simulation.database import SimulatedOwners
from tests.simulation.hosts import HostProcess, Slot
from tests.simulation.loop import Tasks
from tests.simulation.world import World, first_of

HOP_S = 0.002
LATE_S = 10.0
RESTART_S = 2.0
STEPS = 4
NEWS = 0.3  # how likely an API process hears at a call that a host was replaced


class ConnectionLost(Exception):
    """The API process died, or is not there; the caller tries again."""


class ApiProcess:
    """A gateway and what it has minted, gone when it dies."""

    def __init__(self, world: World, name: str, slots: Sequence[Slot]) -> None:
        self.name = name
        self._died: asyncio.Future[None] = world.loop.create_future()
        self._tasks = Tasks()
        self._world = world
        self._handling: dict[asyncio.Task[Outcome], None] = {}
        owners = SimulatedOwners(world, name, self._hears_that_somebody_left)
        self._identities = world.product.identities(owners, KEYRING, world.mint, usual)
        wires = [Wire(world, slot) for slot in slots]
        self._gateway = world.product.gateway(wires, self._identities)
        world.note(name, "starts")

    async def handle(self, signal: Signal) -> Outcome:
        """Raises ConnectionLost and whatever `Gateway.submit` raises."""
        answer = self._world.spawn(self._gateway.submit(signal), self._tasks)
        self._handling[answer] = None
        answer.add_done_callback(self._handling.pop)
        try:
            await first_of(answer, self._died)
        except asyncio.CancelledError:
            if self._world.random.random() < 0.5:  # not every server hears that the caller left
                answer.cancel()
            raise
        if self._died.done() or answer.cancelled():
            raise ConnectionLost
        return answer.result()

    def _hears_that_somebody_left(self) -> None:
        """Just when a look-up has ended, some steps of the event loop earlier or later."""
        if self._handling:
            left = self._world.random.choice(list(self._handling))
            self._after(self._world.random.randrange(STEPS), left.cancel)

    def _after(self, steps: int, do: Callable[[], object]) -> None:
        if steps:
            self._world.loop.call_soon(self._after, steps - 1, do)
        else:
            do()

    def is_idle(self) -> bool:
        """Nothing waits, and no minted id is remembered for ever."""
        return not self._gateway.waiting and not self._identities._minted._profiles

    def die(self) -> None:
        self._world.note(self.name, "dies")
        self._died.set_result(None)
        self._tasks.end()


class Door:
    """Where callers come to: some API processes, of which any may answer."""

    def __init__(self, world: World, processes: int, slots: Sequence[Slot]) -> None:
        self._world = world
        self._slots = slots
        self._started = 0
        self._open = [self._start() for _ in range(processes)]

    async def handle(self, signal: Signal) -> Outcome:
        if not self._open:
            raise ConnectionLost
        process = self._world.random.choice(self._open)
        if self._world.weather.strikes("process dies"):
            self._world.later(0, RESTART_S, lambda: self._end(process))
        return await process.handle(signal)

    def check(self) -> None:
        """To be asked when everybody has been answered long ago."""
        for process in self._open:
            if not process.is_idle():
                self._world.broken(f"{process.name} still holds what nobody waits for")

    def _start(self) -> ApiProcess:
        self._started += 1
        return ApiProcess(self._world, f"api-{self._started}", self._slots)

    def _end(self, process: ApiProcess) -> None:
        if process in self._open:
            process.die()
            self._open.remove(process)
            self._world.later(0, RESTART_S, lambda: self._open.append(self._start()))


class Wire:
    """How one API process reaches one host: the `HostPort` of its gateway."""

    def __init__(self, world: World, slot: Slot) -> None:
        self._world = world
        self._slot = slot
        self._process: HostProcess | None = None

    async def apply(self, batch: bytes) -> bytes:
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await self._called(batch)
        except (HostLost, TimeoutError) as error:
            self._process = None  # to be found again by its name
            raise HostLost(f"no reply: {error}") from error

    async def stats(self) -> dict[str, Any]:
        raise NotImplementedError

    async def _called(self, batch: bytes) -> bytes:
        world, process = self._world, self._found()
        await asyncio.sleep(world.between(0, HOP_S))
        if world.weather.strikes("batch lost"):
            await asyncio.sleep(world.random.choice([HOP_S, CALL_TIMEOUT_S]))
            raise HostLost("the batch was lost")
        if world.weather.strikes("batch twice"):
            world.later(0, LATE_S, lambda: world.spawn(self._slot.process.apply(batch)))
        reply = await self._replied(process, batch)
        if world.weather.strikes("reply lost"):
            raise HostLost("the reply was lost")
        late = world.weather.strikes("reply late")
        await asyncio.sleep(world.between(0, LATE_S if late else HOP_S))
        return reply

    def _found(self) -> HostProcess:
        """Who is asked does not always know that a host was replaced."""
        if self._world.weather.calm:
            return self._slot.process
        if self._process is None or self._world.random.random() < NEWS:
            self._process = self._world.random.choice(self._slot.owners)
        return self._process

    async def _replied(self, process: HostProcess, batch: bytes) -> bytes:
        reply = self._world.spawn(process.apply(batch))
        await first_of(reply, process.died)
        if not reply.done():
            raise HostLost(f"{process.name} died")
        return reply.result()

"""Which moments of a transaction somebody interferes with, and how often it happened."""

import asyncio
import threading
from asyncio import AbstractEventLoop

from tests.faults.network.background import PATIENCE_S
from tests.faults.network.wire import Frame, Moment, moment_of

At = tuple[Moment, str]


class Stop:
    """The next connection of a group that comes to a moment waits there until it is let go."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._go = asyncio.Event()
        self._reached = threading.Event()

    def wait_reached(self) -> None:
        assert self._reached.wait(PATIENCE_S), "no connection came to this moment"

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self._go.set)

    async def held(self) -> None:
        self._reached.set()
        await self._go.wait()


class Interference:
    """Lives on the proxy's event loop."""

    def __init__(self) -> None:
        self.cuts = 0
        self._every: dict[At, int] = {}
        self._seen: dict[At, int] = {}
        self._stops: dict[At, Stop] = {}

    def cut(self, moment: Moment, group: str, every: int) -> None:
        self._every[moment, group], self._seen[moment, group] = every, 0

    def stop(self, moment: Moment, group: str, stop: Stop) -> None:
        self._stops[moment, group] = stop

    def end(self) -> None:
        self._every.clear()
        for stop in self._stops.values():
            stop.release()
        self._stops.clear()

    async def cuts_at(self, frame: Frame, group: str) -> bool:
        """Whether the connection ends here instead of passing the frame on; waits at a stop."""
        if (moment := moment_of(frame)) is None:
            return False
        at = moment, group
        if (stop := self._stops.pop(at, None)) is not None:
            await stop.held()
        if at not in self._every:
            return False
        self._seen[at] += 1
        is_cut = self._seen[at] % self._every[at] == 0
        self.cuts += is_cut
        return is_cut

"""A question that many may ask and that may hang: asked once at a time, waited for briefly."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

PATIENCE_S = 2.5  # of whoever asks
GIVE_UP_S = 20.0  # then the question itself is dropped, so that it can be asked again

T = TypeVar("T")


class Shared(Generic[T]):
    """Whoever asks while an answer is under way gets that answer, so probes cannot pile up."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[T] | None = None

    async def answer(self) -> T:
        """Raises TimeoutError where none came in time, or what the question raised."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._asked())
            self._asking.add_done_callback(_looked_at)
        asking = self._asking
        # not wait_for: that would wait until the question has been cancelled, which may hang too
        await asyncio.wait({asking}, timeout=PATIENCE_S)
        if not asking.done():
            raise TimeoutError
        return asking.result()

    async def _asked(self) -> T:
        async with asyncio.timeout(GIVE_UP_S):
            return await self._ask()


def _looked_at(asking: "asyncio.Task[T]") -> None:
    """Nobody may be waiting any more, and asyncio complains of errors nobody has seen."""
    if not asking.cancelled():
        asking.exception()

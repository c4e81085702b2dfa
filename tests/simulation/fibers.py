"""Synchronous code in slow motion: it pauses where it is told to, and others go on meanwhile.

A host's work is synchronous, so one event loop could not let two of them compete. Here each runs
in a thread, and only one thread of all runs at any time, so a run can be repeated exactly.
"""

import asyncio
from _thread import allocate_lock
from collections.abc import Callable
from threading import Thread


class Abandoned(BaseException):
    """Raised in the middle of work that nobody will ever let go on."""


class Fiber:
    """One call of `work`, run from an event loop by `await run()`."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._pause_s: float | None = None
        self._abandoned = False
        self._result: object = None
        self._error: BaseException | None = None
        self._go, self._halt = allocate_lock(), allocate_lock()
        self._go.acquire()
        self._halt.acquire()

    async def run(self) -> object:
        Thread(target=self._main, daemon=True).start()
        self._let_go()
        while self._pause_s is not None:
            try:
                await asyncio.sleep(self._pause_s)
            except BaseException:
                self._abandoned = True
                self._let_go()
                raise
            self._let_go()
        if self._error is not None:
            raise self._error
        return self._result

    def pause(self, seconds: float) -> None:
        """Called by the work: time passes, and others may do something."""
        self._pause_s = seconds
        self._halt.release()
        self._go.acquire()
        self._pause_s = None
        if self._abandoned:
            raise Abandoned

    def _let_go(self) -> None:
        self._go.release()
        self._halt.acquire()

    def _main(self) -> None:
        self._go.acquire()
        try:
            self._result = self._work()
        except BaseException as error:  # noqa: BLE001  # for whoever awaits the run
            self._error = error
        self._halt.release()

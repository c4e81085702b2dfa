"""Ends a process whose work hangs: a new one starts in seconds, a hung one never gets better."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

LOOKS_PER_LIMIT = 10
EXIT_CODE = 70  # EX_SOFTWARE of sysexits.h


class Watchdog:
    """Watches one thread's work, piece by piece. Nothing is lost: nobody was answered yet."""

    def __init__(self, limit_s: float, end: Callable[[], None] = lambda: os._exit(EXIT_CODE)):
        self._limit_s = limit_s
        self._end = end
        self._began: float | None = None
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    @contextmanager
    def watching(self) -> Iterator[None]:
        self._began = monotonic()
        try:
            yield
        finally:
            self._began = None

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._limit_s / LOOKS_PER_LIMIT):
            began = self._began
            if began is not None and monotonic() - began > self._limit_s:
                self._end()
                return

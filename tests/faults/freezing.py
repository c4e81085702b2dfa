"""Stopping processes without ending them, as a hung disk, a debugger or a paused machine does."""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def frozen(*processes: psutil.Process) -> Iterator[None]:
    """SIGSTOP until the block ends. What is gone by then is gone."""
    _signal(signal.SIGSTOP, processes)
    try:
        yield
    finally:
        wake(*processes)


def wake(*processes: psutil.Process) -> None:
    """Also those that are awake."""
    _signal(signal.SIGCONT, processes)


def _signal(number: signal.Signals, processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            os.kill(process.pid, number)

"""How much memory and how many descriptors each process of a running place holds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psutil

from tests.faults.beside import repeatedly
from tests.faults.place import Place
from tests.processes import parts_of

MB = 1_000_000
EVERY_S = 0.5
TIMES_IDLE, MORE_MB = 1.5, 200.0  # what a process may hold at most


class Sample(NamedTuple):
    """At one moment of the monotonic clock. Memory is what the process shares with nobody:
    PostgreSQL's processes touch more and more of the buffers they have in common."""

    at: float
    own_mb: float
    descriptors: int


Samples = dict[str, Sample]


def samples(place: Place) -> Samples:
    """By part and process number, such as `host 4711`; those that end meanwhile are left out."""
    found = {}
    for process, name in ((place.supervisor, "supervisor"), *parts_of(place.supervisor)):
        try:
            with process.oneshot():
                held = process.memory_info()
                own_mb = (held.rss - held.shared) / MB
                found[f"{name} {process.pid}"] = Sample(time.monotonic(), own_mb, process.num_fds())
        except psutil.NoSuchProcess:  # PostgreSQL ends a process with each client
            continue
    return found


class Memory:
    """What was held, beside what was held when nothing was going on."""

    def __init__(self, idle: Samples, seen: list[Samples]) -> None:
        self._idle = {name: sample.own_mb for name, sample in idle.items()}
        self._seen = seen

    @property
    def too_big(self) -> list[str]:
        return [
            f"{name}: {peak:.0f} MB"
            for name, peak in self._peaks.items()
            if peak > TIMES_IDLE * self._idle.get(name, 0.0) + MORE_MB
        ]

    @property
    def most_grown_mb(self) -> float:
        return max(peak - self._idle.get(name, peak) for name, peak in self._peaks.items())

    @property
    def _peaks(self) -> dict[str, float]:
        peaks: dict[str, float] = {}
        for found in self._seen:
            for name, sample in found.items():
                peaks[name] = max(peaks.get(name, 0.0), sample.own_mb)
        return peaks


@contextmanager
def watched(place: Place) -> Iterator[Memory]:
    """The block begins while nothing is going on."""
    idle = samples(place)
    with repeatedly(lambda: samples(place), EVERY_S) as seen:
        yield Memory(idle, seen)

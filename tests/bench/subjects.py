"""A server under load: how far it has come in the requests, what it answered, what it cost."""

from collections import defaultdict
from statistics import median

from tests.bench import wrk
from tests.bench.deliveries import Deliveries
from tests.bench.place import Deployment
from tests.bench.processes import cpu_s
from tests.bench.wrk import Load

PREPARED = 5_000  # requests a second, or more where a run was faster
MARGIN = 1.6  # the next run may be so much faster than any before it


class Subject:
    def __init__(
        self, name: str, url: str, seconds: int, deployment: Deployment | None = None
    ) -> None:
        self.name = name
        self.url = url
        self.loads: defaultdict[int, list[Load]] = defaultdict(list)
        self.answered = self.taken = 0
        self.cpu_s: dict[str, float] = {}
        self.measured = 0
        self._seconds = seconds
        self._deployment = deployment
        self._position = 0
        self._fastest = 0.0

    def warm_up(self, deliveries: Deliveries, connections: int) -> None:
        self._noted(self._sent(deliveries, connections))

    def load(self, deliveries: Deliveries, connections: int) -> Load:
        """One run that counts."""
        before = self._used()
        load = self._noted(self._sent(deliveries, connections))
        for name, used in self._used().items():
            self.cpu_s[name] = self.cpu_s.get(name, 0.0) + used - before[name]
        self.measured += load.requests
        self.loads[connections].append(load)
        return load

    def burst(self, deliveries: Deliveries, connections: int, count: int) -> Load:
        deliveries.grow_to(self.taken + count + 1)
        load = wrk.burst(self.url, deliveries.file, self._position, connections, count)
        return self._noted(load)

    def middle(self, connections: int, figure: str) -> float:
        return median(float(getattr(load, figure)) for load in self.loads[connections])

    def times(self, other: "Subject", connections: int) -> float:
        """How much faster than `other`, run by run, because the machine changes between runs."""
        pairs = zip(self.loads[connections], other.loads[connections], strict=True)
        return median(mine.per_s / theirs.per_s for mine, theirs in pairs)

    def _used(self) -> dict[str, float]:
        return cpu_s(self._deployment) if self._deployment else {}

    def _sent(self, deliveries: Deliveries, connections: int) -> Load:
        """A run that came to the end of the requests says nothing and is done again."""
        while True:
            expected = max(PREPARED, self._fastest * MARGIN) * self._seconds
            deliveries.grow_to(self.taken + int(expected) + connections)
            load = wrk.steady(self.url, deliveries.file, self._position, connections, self._seconds)
            if not load.exhausted:
                return load
            self._noted(load)

    def _noted(self, load: Load) -> Load:
        self.answered += load.requests - load.not_200
        self.taken += load.taken
        self._position = load.position
        self._fastest = max(self._fastest, load.per_s)
        return load


class Forgetful(Subject):
    """One that forgets what it got, and so may get the same requests again."""

    def _sent(self, deliveries: Deliveries, connections: int) -> Load:
        return wrk.steady(self.url, deliveries.file, 0, connections, self._seconds, wraps=True)

"""What it costs a webhook that several identifiers tell whose it is, instead of one.

The same server gets the same kind of orders in turns: equally long, with the same details to be
recorded, as many events to be written, of as many shoppers with equally long pasts. Only how many
of their identifiers recognise somebody differs, see `acquainted`. All of them are known, as nearly
all are in a shop that has been open for a while; the first order of somebody costs more, but only
once. What looking up one owner and claiming an order's own id cost is in both: no order can be
anybody's without. The orders of those who were united are shown beside; they also write, once a
day, that each of the two parts was seen again.
"""

from collections.abc import Iterator
from functools import partial

from api.intake.hooks import PATH
from tests.bench.acquainted import KINDS, MOST, ONE, THREE, Kind, introductions, orders
from tests.bench.deliveries import Deliveries
from tests.bench.place import Bench, Deployment, deployment
from tests.bench.report import Row
from tests.bench.subjects import Subject
from tests.measured import Limit

PART = "resolution"
CONNECTIONS = 256
TURNS = 6  # even, so that each kind comes first as often as last
PROMISED = (Limit("x one identifier", at_least=0.85), Limit("not 200", at_most=0))


class Sender:
    """Of one kind's orders."""

    def __init__(self, bench: Bench, ours: Deployment, kind: Kind) -> None:
        shoppers = bench.fewer(MOST, 100)
        file = bench.folder / PART / f"requests of {kind.first}"
        self.kind = kind
        self.subject = Subject(kind.name, ours.url + PATH, bench.fewer(6, 2), ours)
        self._deliveries = Deliveries(file, shoppers, partial(orders, kind))
        self._first = list(introductions(kind, shoppers, ours.api_key))
        for requests in self._first:
            self._deliveries.begin_with([requests[0], *requests])  # wrk takes one to try it

    def introduce(self) -> None:
        """Nobody is new afterwards."""
        for requests in self._first:
            load = self.subject.burst(self._deliveries, CONNECTIONS, len(requests))
            assert load.not_200 == 0, f"{load.not_200} of {self.kind.name} were refused"

    def load(self) -> float:
        """Requests a second."""
        return self.subject.load(self._deliveries, CONNECTIONS).per_s


def measure(bench: Bench) -> Iterator[Row]:
    folder = bench.folder / PART
    folder.mkdir(mode=0o711)
    with deployment(folder / "ours") as ours:
        senders = [Sender(bench, ours, kind) for kind in KINDS]
        for sender in senders:
            bench.said(f"{sender.kind.name}: making them known")
            sender.introduce()
        for turn in range(bench.fewer(TURNS, 2)):
            for sender in senders[:: -1 if turn % 2 else 1]:
                bench.said(f"{sender.kind.name}: {sender.load():,.0f}/s")
        yield from _rows({sender.kind: sender.subject for sender in senders})


def _rows(subjects: dict[Kind, Subject]) -> Iterator[Row]:
    for kind, subject in subjects.items():
        figures = {
            "req/s": subject.middle(CONNECTIONS, "per_s"),
            "p50 ms": subject.middle(CONNECTIONS, "p50_ms"),
            "p99 ms": subject.middle(CONNECTIONS, "p99_ms"),
            "processor ms per webhook": sum(subject.cpu_s.values()) / subject.measured * 1e3,
            "not 200": sum(load.failed for load in subject.loads[CONNECTIONS]),
        }
        if kind is not ONE:
            figures["x one identifier"] = subject.times(subjects[ONE], CONNECTIONS)
        yield Row(PART, kind.name, figures, PROMISED if kind is THREE else ())

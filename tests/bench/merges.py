"""Two shoppers with long pasts united and parted again, by hand, with nobody else on the server.

Each pair only once: whom somebody has parted stays apart. Of a past of 1,000 events every tenth is
an order and every tenth gives an address, which is encrypted. Both are known to their hosts, as
somebody's whom a colleague has just looked up; what it costs to read them is shown beside, and so
is the first thing that happens to each afterwards, because that is when a reversal makes its host
read.
"""

import http.client
import time
from collections.abc import Iterator, Sequence
from itertools import count
from statistics import median, quantiles
from uuid import UUID

import msgspec

from aggregates.log.keys import read_keyring
from api.serve import background_server
from api.shops.registry import namespace_of
from api.verbs.common import with_database
from config.database import running_database
from config.settings import Settings
from tests.bench.histories import bought_as_well, written
from tests.bench.place import SHOP, Bench, create, settings_in
from tests.bench.report import Row
from tests.measured import Limit

PART = "merges"
PAIRS, EVENTS = 20, 1_000
PROMISED = (Limit("p50 ms", at_most=200), Limit("p95 ms", at_most=200))
COMMAND, MERGE, REVERSAL = "a command, for comparison", "merge", "reversal"
NUMBERS = count(1)


def measure(bench: Bench) -> Iterator[Row]:
    settings = settings_in(bench.folder / PART)
    settings.data_dir.mkdir(mode=0o700)
    pairs = bench.fewer(PAIRS, 3)
    with running_database(settings) as dsn:
        key = create(settings).live.api_key
        number = with_database(
            settings, lambda connection, _: namespace_of(connection, SHOP, "live")
        )
        keyring = read_keyring(settings.master_key_file)
        bench.said(f"writing {2 * pairs} profiles of {EVENTS:,} events")
        profiles = written(dsn, keyring, number, 2 * pairs, EVENTS, bought_as_well)
    with background_server(settings):
        yield from _rows(_measured(settings, key, profiles))


def _measured(settings: Settings, key: str, profiles: Sequence[UUID]) -> dict[str, list[float]]:
    """Milliseconds of each try, by what was done."""
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=30)
    counter = Counter(connection, key)
    for one, other in zip(profiles[::2], profiles[1::2], strict=True):
        for profile in (one, other):
            counter.command("a command to somebody not in memory", profile)
            counter.command(COMMAND, profile)
        counter.unite(one, other)
        counter.command("the first command after a merge", one)
        counter.part()
        for profile in (one, other):
            counter.command("the first command after a reversal", profile)
    connection.close()
    return counter.took


class Counter:
    """Where somebody clicks. The standard library's client takes little of what it measures."""

    def __init__(self, connection: http.client.HTTPConnection, key: str) -> None:
        self.took: dict[str, list[float]] = {}
        self._connection = connection
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._merge = ""

    def command(self, what: str, profile: UUID) -> None:
        name = f"bench-{next(NUMBERS)}"
        asked = {"type": "RecordVisit", "id": name, "visit_id": name, "profile": {"id": profile}}
        self._asked(what, "/v1/commands", asked)

    def unite(self, survivor: UUID, absorbed: UUID) -> None:
        asked = {"survivor": survivor, "absorbed": absorbed, "reason": "the same handwriting"}
        self._merge = self._asked(MERGE, "/v1/merges", asked).id

    def part(self) -> None:
        """The last ones that were united."""
        path = f"/v1/merges/{self._merge}/reversal"
        self._asked(REVERSAL, path, {"reason": "another handwriting"})

    def _asked(self, what: str, path: str, body: object) -> "Answer":
        sent = msgspec.json.encode(body)
        started = time.perf_counter()
        self._connection.request("POST", path, sent, self._headers)
        response = self._connection.getresponse()
        told = response.read()
        elapsed = time.perf_counter() - started
        assert response.status == 200, (response.status, told[:200])
        self.took.setdefault(what, []).append(elapsed * 1_000)
        return msgspec.json.decode(told, type=Answer)


class Answer(msgspec.Struct):
    """What we read of it: a merge has an id."""

    id: str = ""


def _rows(took: dict[str, list[float]]) -> Iterator[Row]:
    usual = median(took[COMMAND])
    for what, ms in took.items():
        figures = {
            "p50 ms": median(ms),
            "p95 ms": quantiles(ms, n=20, method="inclusive")[-1],
            "x a command": median(ms) / usual,
            "tries": len(ms),
        }
        yield Row(PART, what, figures, PROMISED if what in (MERGE, REVERSAL) else ())

"""One profile read by id over one connection that stays open, the first time and again."""

import http.client
import time
from collections.abc import Iterator
from statistics import quantiles
from uuid import UUID

from aggregates.log.keys import read_keyring
from api.serve import background_server
from api.shops.registry import namespace_of
from api.verbs.common import with_database
from config.database import running_database
from config.settings import Settings
from tests.bench.histories import written
from tests.bench.place import SHOP, Bench, create, settings_in
from tests.bench.report import Row
from tests.measured import Limit

PART = "reads"
LENGTHS = (1, 100, 1_000)  # events
PROMISED = (Limit("p99 ms", at_most=20),)
WARM_UP = 50


def measure(bench: Bench) -> Iterator[Row]:
    settings = settings_in(bench.folder / PART)
    settings.data_dir.mkdir(mode=0o700)
    count = bench.fewer(500, 50)
    with running_database(settings) as dsn:
        key = create(settings).live.api_key
        number = with_database(
            settings, lambda connection, _: namespace_of(connection, SHOP, "live")
        )
        keyring = read_keyring(settings.master_key_file)
        profiles = {}
        for length in LENGTHS:
            bench.said(f"writing {count} profiles of {length:,} events")
            profiles[length] = written(dsn, keyring, number, count, length)
    with background_server(settings):
        yield from _compared(settings, key, profiles)


def _compared(settings: Settings, key: str, profiles: dict[int, list[UUID]]) -> Iterator[Row]:
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=10)
    reader = Reader(connection, key)
    nobody = [reader.ms("/healthz") for _ in range(WARM_UP)]
    yield Row(PART, "GET /healthz, for comparison", _percentiles(nobody))
    for length, known in profiles.items():
        for state in ("cold", "warm"):
            took = [reader.ms(f"/v1/profiles/{profile}") for profile in known]
            limits = PROMISED if state == "warm" else ()
            yield Row(PART, f"{length:,} events, {state}", _percentiles(took), limits)
    connection.close()


class Reader:
    """The standard library's client: it takes little of the time it measures."""

    def __init__(self, connection: http.client.HTTPConnection, key: str) -> None:
        self._connection = connection
        self._headers = {"Authorization": f"Bearer {key}"}

    def ms(self, path: str) -> float:
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        elapsed = time.perf_counter() - started
        assert response.status == 200, (response.status, body[:200])
        return elapsed * 1_000


def _percentiles(took: list[float]) -> dict[str, float]:
    cuts = quantiles(took, n=100, method="inclusive")
    return {"p50 ms": cuts[49], "p99 ms": cuts[98], "reads": len(took)}

"""Prometheus metrics, put together when they are asked for."""

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from actors.line import Deliveries
from api.operations.counts import BUSY, Counts
from api.operations.hosts import Stats, name_of
from api.operations.requests import BOUNDS_S, Requests
from api.operations.scrape import Asked

HOST = "c360_host_"
POOL = {
    "pool_size": ("size", "Connections open"),
    "pool_max": ("max", "Connections at most"),
    "pool_available": ("available", "Connections nobody uses"),
    "requests_waiting": ("waiting", "Requests waiting for a connection"),
}


class Gathered:
    """A collector of one scrape: counts of this process, and what it asked of others."""

    def __init__(
        self, counts: Counts, asked: Asked, restarts: Mapping[str, int], delay_s: float
    ) -> None:
        self._counts, self._asked = counts, asked
        self._restarts, self._delay_s = restarts, delay_s

    def collect(self) -> Iterable[Metric]:
        yield from _of_intake(self._counts)
        yield from _of_requests(self._counts.requests)
        yield from _of_letters(self._asked.letters)
        yield from _of_pool(self._asked.pool)
        yield from _of_deliveries(self._asked.deliveries)
        yield from _of_hosts(self._asked.hosts)
        yield _by(f"{HOST}restarts_seen", "Other processes in its place", "host", self._restarts)
        yield _gauge("c360_signals_waiting", "Signals not yet answered", self._asked.waiting)
        yield _gauge("c360_event_loop_delay_seconds", "Worst of two seconds", self._delay_s)
        info = GaugeMetricFamily("c360_process_info", "Who answered this scrape", labels=["pid"])
        info.add_metric([str(os.getpid())], 1)
        yield info


def exposition(collector: Gathered) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    ProcessCollector(registry=registry)  # memory, descriptors, processor time
    return generate_latest(registry)


def _of_intake(counts: Counts) -> Iterable[Metric]:
    yield _by("c360_webhooks", "Webhook deliveries", "result", counts.webhooks)
    yield _by("c360_commands", "Commands of API clients", "result", counts.commands)
    yield _by("c360_pixel_events", "Storefront events", "result", counts.pixel_events)
    yield _by("c360_imported_orders", "Imported orders", "result", counts.imports)
    yield _by("c360_imported_contacts", "Imported contacts", "result", counts.contacts)
    yield _by("c360_letter_retries", "Dead letters retried", "result", counts.letters_retried)
    turned_away = counts.turned_away[BUSY]
    yield CounterMetricFamily("c360_requests_turned_away", "Too many at once", value=turned_away)
    yield _by("c360_shed", "Requests and signals not taken", "reason", counts.shed())


def _of_requests(requests: Requests) -> Iterable[Metric]:
    told = CounterMetricFamily(
        "c360_http_requests", "Requests answered", labels=["route", "status"]
    )
    took = HistogramMetricFamily("c360_http_request_seconds", "Until answered", labels=["route"])
    for name, route in sorted(requests.routes.items()):
        for status, count in sorted(route.statuses.items()):
            told.add_metric([name, str(status)], count)
        took.add_metric([name], _buckets(route.buckets), route.seconds)
    yield told
    yield took
    yield _gauge("c360_http_requests_in_flight", "Requests under way", requests.in_flight)


def _buckets(counts: Sequence[int]) -> list[tuple[str, float]]:
    bounds = [*map(str, BOUNDS_S), "+Inf"]
    return list(zip(bounds, map(float, accumulate(counts)), strict=True))


def _of_letters(letters: Mapping[str, int] | None) -> Iterable[Metric]:
    if letters is None:
        return
    yield _gauge("c360_dead_letters_open", "Deliveries kept unprocessed", sum(letters.values()))
    by_reason = GaugeMetricFamily(
        "c360_dead_letters_open_by_reason", "Deliveries kept unprocessed", labels=["reason"]
    )
    for reason, count in sorted(letters.items()):
        by_reason.add_metric([reason], count)
    yield by_reason


def _of_pool(pool: Mapping[str, int]) -> Iterable[Metric]:
    for key, (name, meaning) in POOL.items():
        yield _gauge(f"c360_database_pool_{name}", meaning, pool.get(key, 0))
    vain = pool.get("requests_errors", 0)
    yield CounterMetricFamily("c360_database_pool_timeouts", "Waited in vain", value=vain)


def _of_deliveries(deliveries: Deliveries) -> Iterable[Metric]:
    """Signals by batches is the size of a batch."""
    for name, meaning, value in (
        ("batches", "Batches that hosts answered", deliveries.batches),
        ("signals", "Signals in them", deliveries.signals),
        ("retries", "Batches sent again because the host was lost", deliveries.again),
        ("patience_exhausted", "Signals not answered in time", deliveries.impatient),
        ("signals_turned_away", "Signals one too many for a host", deliveries.turned_away),
    ):
        yield CounterMetricFamily(f"c360_gateway_{name}", meaning, value=value)


def _of_hosts(hosts: Iterable[Stats]) -> Iterable[Metric]:
    """Each number a host reports about itself, labelled with its name, and where it runs."""
    lost = GaugeMetricFamily(f"{HOST}lost", "1 where the host does not answer", labels=["host"])
    info = GaugeMetricFamily(f"{HOST}info", "Where it runs", labels=["host", "node", "build"])
    families = {"lost": lost, "info": info}
    for index, host in enumerate(hosts):
        label = name_of(index, host)
        lost.add_metric([label], "lost" in host)
        info.add_metric([label, str(host.get("node", "")), str(host.get("build", ""))], 1)
        for name, value in host.items():
            if name == "host" or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            family = families.setdefault(
                name, GaugeMetricFamily(HOST + name, f"Of each host: {name}", labels=["host"])
            )
            family.add_metric([label], value)
    return families.values()


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def _by(name: str, meaning: str, label: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family

"""Prometheus metrics, put together when they are asked for."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from api.operations.counts import Counts

HOST = "c360_host_"


class Gathered:
    """A collector of one scrape: counts of this process, numbers of the hosts, gauges."""

    def __init__(
        self,
        counts: Counts,
        gauges: Mapping[str, tuple[str, float]],
        hosts: Iterable[Mapping[str, object]],
    ) -> None:
        self._counts = counts
        self._gauges = gauges
        self._hosts = hosts

    def collect(self) -> Iterable[Metric]:
        counts = self._counts
        yield _by("c360_webhooks", "Webhook deliveries", "result", counts.webhooks)
        yield _by("c360_commands", "Commands of API clients", "result", counts.commands)
        yield _by("c360_pixel_events", "Storefront events", "result", counts.pixel_events)
        yield _by("c360_imported_orders", "Imported orders", "result", counts.imports)
        yield _by("c360_letter_retries", "Dead letters retried", "result", counts.letters_retried)
        yield CounterMetricFamily(
            "c360_requests_turned_away", "Too many at once", value=counts.refused_at_the_door
        )
        for name, (meaning, value) in self._gauges.items():
            yield GaugeMetricFamily(f"c360_{name}", meaning, value=value)
        yield from _of_hosts(self._hosts)


def exposition(collector: Gathered) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry)


def _by(name: str, meaning: str, label: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def _of_hosts(hosts: Iterable[Mapping[str, object]]) -> Iterable[Metric]:
    """Each number a host reports about itself, labelled with its name."""
    lost = GaugeMetricFamily(f"{HOST}lost", "1 where the host does not answer", labels=["host"])
    families = {"lost": lost}
    for index, host in enumerate(hosts):
        label = str(host.get("host", index))
        lost.add_metric([label], "lost" in host)
        for name, value in host.items():
            if name == "host" or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            family = families.setdefault(
                name, GaugeMetricFamily(HOST + name, f"Of each host: {name}", labels=["host"])
            )
            family.add_metric([label], value)
    return families.values()

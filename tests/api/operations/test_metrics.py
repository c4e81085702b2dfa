"""Metrics tell an operator what happened, by names out of fixed sets."""

from collections.abc import Iterator

import pytest
from starlette.types import Message

from actors.line import Deliveries
from api.operations.counts import Counts
from api.operations.metrics import Gathered, exposition
from api.operations.scrape import Asked
from tests.api.sentences import SHOP, Api


def test_what_happened_is_counted(api: Api) -> None:
    before = metrics(api)
    api.command(type="SetContact", id="1", profile={"email": "sarah@shop.example"}, locale="en")
    api.command(type="nonsense", id="sarah@shop.example")
    api.webhook("orders/invented", b"{}")
    contact = {"details": {"type": "SetContact", "email": "sarah@shop.example"}}
    api.admin("POST", f"/imports/contacts?shop={SHOP}&source=crm", json=contact)
    after = metrics(api)
    for counter in (
        'c360_commands_total{result="accepted"}',
        'c360_commands_total{result="invalid"}',
        'c360_webhooks_total{result="kept"}',
        'c360_imported_contacts_total{result="accepted"}',
        'c360_http_requests_total{route="/v1/commands",status="422"}',
        'c360_http_requests_total{route="/webhooks/shopify",status="200"}',
        'c360_http_request_seconds_bucket{le="+Inf",route="/webhooks/shopify"}',
        'c360_http_request_seconds_count{route="/webhooks/shopify"}',
    ):
        assert after[counter] - before.get(counter, 0) == 1, counter
    assert after["c360_dead_letters_open"] == 1
    assert after['c360_dead_letters_open_by_reason{reason="unknown_topic"}'] == 1
    assert after["c360_signals_waiting"] == 0
    assert after['c360_host_residents{host="host-0"}'] == 3
    assert after["c360_http_requests_in_flight"] == 1, "the scrape itself"
    assert after["c360_database_pool_size"] >= 1
    assert after["process_resident_memory_bytes"] > 1_000_000
    assert not any("sarah" in name for name in after)


def test_an_address_nobody_serves_is_no_label(api: Api) -> None:
    api.send("GET", "/v1/profiles/sarah@shop.example/nothing")
    found = metrics(api)
    assert found['c360_http_requests_total{route="unknown",status="404"}'] >= 1
    assert not any("sarah" in name for name in found)


def test_the_gateways_batches_are_told(api: Api) -> None:
    api.memory.deliveries.batches, api.memory.deliveries.signals = 2, 60
    found = metrics(api)
    assert found["c360_gateway_signals_total"] / found["c360_gateway_batches_total"] == 30
    assert (
        found["c360_gateway_retries_total"] == found["c360_gateway_patience_exhausted_total"] == 0
    )


def test_a_lost_host_shows(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stats() -> list[dict[str, object]]:
        return [{"host": 0, "pid": 1}, {"lost": "gone"}]

    monkeypatch.setattr(api.memory, "stats", stats)
    found = metrics(api)
    assert (found['c360_host_lost{host="0"}'], found['c360_host_lost{host="1"}']) == (0, 1)


def test_another_process_in_a_hosts_place_is_a_restart(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = iter((70, 70, 71))

    async def stats() -> list[dict[str, object]]:
        return [{"host": "h", "pid": next(pids)}]

    monkeypatch.setattr(api.memory, "stats", stats)
    seen = [metrics(api).get('c360_host_restarts_seen_total{host="h"}') for _ in range(3)]
    assert seen == [None, None, 1]


def test_what_was_not_taken_has_a_reason() -> None:
    counts = Counts()
    counts.turned_away.update(busy=2, disk_full=1)
    counts.webhooks["busy"] = 3
    assert of(counts, "c360_shed_total") == {
        'c360_shed_total{reason="disk_full"}': 1,
        'c360_shed_total{reason="too_many_requests"}': 2,
        'c360_shed_total{reason="too_many_signals"}': 3,
    }
    assert of(counts, "c360_requests_turned_away_total") == {"c360_requests_turned_away_total": 2}


def test_durations_fall_into_cumulative_buckets() -> None:
    counts = Counts()
    for seconds in (0.0, 0.3, 99.0):
        request = counts.requests.began(_nobody)
        request.status, request.started = 200, request.started - seconds
        counts.requests.ended(request, "/a")
    found = of(counts, "c360_http_request_seconds_bucket")
    at = {name.partition('le="')[2].partition('"')[0]: value for name, value in found.items()}
    assert (at["0.1"], at["0.25"], at["0.5"], at["10.0"], at["+Inf"]) == (1, 1, 2, 2, 3)


def test_a_client_that_hangs_up_is_counted_as_gone() -> None:
    counts = Counts()
    counts.requests.ended(counts.requests.began(_nobody), "/a")
    assert of(counts, "c360_http_requests_total") == {
        'c360_http_requests_total{route="/a",status="499"}': 1
    }
    assert of(counts, "c360_http_requests_in_flight") == {"c360_http_requests_in_flight": 0}


async def _nobody(_: Message) -> None:
    raise AssertionError("nothing is sent here")


def of(counts: Counts, family: str) -> dict[str, float]:
    nothing = Asked(hosts=[], letters=None, waiting=0, deliveries=Deliveries(), pool={})
    text = exposition(Gathered(counts, nothing, restarts={}, delay_s=0.0)).decode()
    return {name: value for name, value in samples(text) if name.startswith(family)}


def metrics(api: Api) -> dict[str, float]:
    return dict(samples(api.send("GET", "/metrics").text))


def samples(text: str) -> Iterator[tuple[str, float]]:
    for line in text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            yield name, float(value)

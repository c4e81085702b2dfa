import asyncio
import io
from collections import Counter
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from api.demo import patience, traffic
from api.demo.patience import Unreachable
from api.demo.webhooks import Webhook, plan
from tests.api.demo.fake_server import Answer, Handler, Request, serving
from tests.api.demo.shop import SHOP, SIGNING, history

MUGS = "536527,21071,MUG,6,12/1/2010 13:04,1.25,12662,Germany"
CLOCK = "540001,22727,CLOCK,1,2/4/2011 9:00,30,12662,Germany"
QUIET = Console(file=io.StringIO())


@pytest.fixture
def webhooks(tmp_path: Path) -> list[Webhook]:
    return plan(history(tmp_path, MUGS, CLOCK), SHOP, seed=3)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(patience, "LONGEST_WAIT_S", 0.01)


def posted(handler: Handler, webhooks: list[Webhook], connections: int = 4) -> traffic.Report:
    async def post() -> traffic.Report:
        async with serving(handler) as url:
            return await traffic.post(url, webhooks, SIGNING, QUIET, connections)

    return asyncio.run(post())


def test_every_delivery_arrives_signed_at_the_webhook_address(webhooks: list[Webhook]) -> None:
    seen: list[Request] = []

    def take(request: Request) -> Answer:
        seen.append(request)
        return Answer()

    report = posted(take, webhooks)
    assert (report.sent, report.all_taken) == (len(webhooks), True)
    assert {request.path for request in seen} == {"/webhooks/shopify"}
    assert all(request.headers["x-shopify-hmac-sha256"] for request in seen)
    ids = Counter(request.headers["x-shopify-webhook-id"] for request in seen)
    assert ids == Counter(webhook.webhook_id for webhook in webhooks)
    assert report.repeated == sum(webhook.again for webhook in webhooks)


def test_a_delivery_refused_with_503_is_sent_again_under_the_same_id(
    webhooks: list[Webhook],
) -> None:
    attempts: Counter[tuple[str, bytes]] = Counter()

    def take_the_second_time(request: Request) -> Answer:
        key = request.headers["x-shopify-webhook-id"], request.body
        attempts[key] += 1
        return Answer() if attempts[key] > 1 else Answer(503, headers={"Retry-After": "1"})

    report = posted(take_the_second_time, [w for w in webhooks if not w.again])
    assert report.all_taken
    assert set(attempts.values()) == {2}
    assert report.retried == report.sent


def test_a_wait_the_server_asks_for_is_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LONGEST_WAIT_S", 5.0)
    asked = [httpx.Response(503, headers={"Retry-After": wait}) for wait in ("2", "3600", "soon")]
    assert [patience._wait_s(response, 1) for response in asked] == [2.0, 5.0, 0.001]


def test_a_delivery_never_taken_is_given_up_and_reported(webhooks: list[Webhook]) -> None:
    report = posted(lambda _: Answer(503), webhooks[:2])
    assert report.refused == {503: 2}
    assert report.retried == 2 * (patience.ATTEMPTS - 1)


def test_a_wrong_signature_is_not_sent_again(webhooks: list[Webhook]) -> None:
    report = posted(lambda _: Answer(401), webhooks)
    assert report.refused == {401: len(webhooks)}
    assert (report.retried, report.all_taken) == (0, False)


def test_a_server_that_is_not_there_is_named(webhooks: list[Webhook]) -> None:
    nowhere = "http://127.0.0.1:9"
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
        asyncio.run(traffic.post(nowhere, webhooks, SIGNING, QUIET))


def test_no_more_connections_are_open_than_allowed(webhooks: list[Webhook]) -> None:
    busy = most = 0

    async def do(_: Webhook) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0)
        busy -= 1

    asyncio.run(patience.each(webhooks, do, at_once=3))
    assert most == 3


def test_a_pace_is_kept(webhooks: list[Webhook]) -> None:
    async def post() -> traffic.Report:
        async with serving(lambda _: Answer()) as url:
            return await traffic.post(url, webhooks[:11], SIGNING, QUIET, per_second=100.0)

    assert asyncio.run(post()).seconds >= 0.095


def test_percentiles_are_those_of_the_deliveries_taken() -> None:
    report = traffic.Report(milliseconds=[float(n) for n in range(1, 101)])
    assert (report.percentile(0.5), report.percentile(0.99), report.percentile(1.0)) == (
        51,
        100,
        100,
    )
    assert traffic.Report().percentile(0.5) == 0.0

"""Headers route a delivery; whatever is wrong with the optional ones is ignored."""

from datetime import UTC, datetime

import pytest

from api.webhooks.shopify.delivery import Delivery, delivery

HEADERS = {
    "Topic": "orders/create",
    "Shop-Domain": "Lane.myshopify.com",
    "Hmac-Sha256": "c2lnbmVk",
    "Webhook-Id": "b54557e4",
    "Event-Id": "98880550",
    "Triggered-At": "2026-11-21T12:00:00.123456789Z",
    "API-Version": "2026-10",
    "Sub-Topic": "type:shirt",
    "Name": "orders of shirts",
}
READ = Delivery(
    topic="orders/create",
    shop_domain="lane.myshopify.com",
    hmac="c2lnbmVk",
    webhook_id="b54557e4",
    event_id="98880550",
    triggered_at=datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC),
    api_version="2026-10",
    sub_topic="type:shirt",
    name="orders of shirts",
)


def sent(family: str, headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(f"{family}{name}".encode(), value.encode()) for name, value in headers.items()]


@pytest.mark.parametrize("family", ["X-Shopify-", "x-shopify-", "Shopify-", "shopify-"])
def test_both_families_of_names_are_read_in_any_case(family: str) -> None:
    assert delivery(sent(family, HEADERS)) == READ


def test_a_delivery_without_headers_is_empty() -> None:
    assert delivery([]) == Delivery()


@pytest.mark.parametrize("garbage", ["yesterday", "2026-13-01T00:00:00Z", "9999-12-31T23:00:00-05"])
def test_an_unreadable_moment_is_ignored(garbage: str) -> None:
    assert delivery(sent("x-shopify-", {"triggered-at": garbage})).triggered_at is None


def test_a_value_too_long_to_be_shopifys_is_ignored() -> None:
    assert delivery(sent("x-shopify-", {"webhook-id": "x" * 256})).webhook_id is None


def test_of_a_repeated_header_the_first_counts() -> None:
    twice = sent("x-shopify-", {"topic": "orders/create"}) + sent("shopify-", {"topic": "no"})
    assert delivery(twice).topic == "orders/create"


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert delivery([(b"\xff", b"\xff"), (b"x-shopify-event-id", b"\xff")]).event_id == "ÿ"

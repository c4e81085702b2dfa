import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from api.demo.bench import bench_orders
from api.demo.generated import rows
from api.demo.history import store_of
from api.demo.store import Store
from api.demo.webhooks import LATE_BY, Webhook, plan, sign
from tests.api.demo.shop import SHOP, SIGNING, history

MUGS = "536527,21071,MUG,6,12/1/2010 13:04,1.25,12662,Germany"
CLOCK = "540001,22727,CLOCK,1,2/4/2011 9:00,30,12662,Germany"
MUG_BACK = "C540500,21071,MUG,-2,3/4/2011 9:00,1.25,12662,Germany"
LAMP_BACK = "C540600,77777,LAMP,-1,3/4/2011 9:00,20,12662,Germany"

SMALLEST, LARGEST = 2_000, 4_000
LINE_AT_MOST = 450  # bytes; longer orders grow by this much a line
FEW_LINES = 3


@pytest.fixture(scope="module")
def shop() -> Store:
    return store_of(rows(7))


@pytest.fixture(scope="module")
def planned(shop: Store) -> list[Webhook]:
    return plan(shop, SHOP, seed=7)


def body(webhook: Webhook) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(sign(webhook, SIGNING)[1])
    return written


def once(webhooks: list[Webhook], topic: str) -> list[dict[str, Any]]:
    """The bodies of a topic in the order of time, repeats left out."""
    chosen = [w for w in webhooks if w.topic == topic and not w.again]
    return [body(webhook) for webhook in sorted(chosen, key=lambda webhook: webhook.at)]


def same_in(first: list[Webhook], second: list[Webhook]) -> bool:
    return [sign(w, SIGNING) for w in first[:300]] == [sign(w, SIGNING) for w in second[:300]]


def test_the_same_seed_sends_the_same_bytes_in_the_same_order(shop: Store) -> None:
    assert same_in(plan(shop, SHOP, seed=7), plan(shop, SHOP, seed=7))
    assert not same_in(plan(shop, SHOP, seed=7), plan(shop, SHOP, seed=8))


def test_a_life_begins_with_a_checkout_and_ends_with_a_refund(tmp_path: Path) -> None:
    deliveries = plan(history(tmp_path, MUGS, MUG_BACK), SHOP, seed=1)
    lived = sorted((w for w in deliveries if not w.again), key=lambda w: (w.at, w.topic))
    topics = [webhook.topic for webhook in lived if webhook.topic != "carts/create"]
    assert topics == [
        "customers/create",
        "checkouts/create",
        "checkouts/update",
        "orders/create",
        "orders/paid",
        "fulfillments/create",
        "orders/fulfilled",
        "refunds/create",
        "orders/updated",
    ]


def test_every_topic_of_the_shop_is_sent(planned: list[Webhook]) -> None:
    topics = Counter(webhook.topic for webhook in planned)
    assert {"carts/create", "customers/update", "checkouts/update"} <= set(topics)
    assert topics["orders/create"] >= 600


def test_every_signature_verifies_over_the_raw_bytes(planned: list[Webhook]) -> None:
    for webhook in planned[:500]:
        headers, raw = sign(webhook, SIGNING)
        digest = hmac.new(SIGNING.encode(), raw, hashlib.sha256).digest()
        assert base64.b64decode(headers["X-Shopify-Hmac-Sha256"]) == digest


def test_every_delivery_carries_the_headers_of_shopify(planned: list[Webhook]) -> None:
    headers, _ = sign(planned[0], SIGNING)
    assert headers["X-Shopify-Shop-Domain"] == SHOP
    assert headers["X-Shopify-API-Version"] == "2026-10"
    assert headers["X-Shopify-Topic"] == planned[0].topic
    assert {"X-Shopify-Webhook-Id", "X-Shopify-Event-Id"} < set(headers)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", headers["X-Shopify-Triggered-At"])


def test_orders_are_json_of_two_to_four_kilobytes_and_grow_with_their_lines(
    planned: list[Webhook],
) -> None:
    created = [webhook for webhook in planned if webhook.topic == "orders/create"]
    for webhook in created:
        raw = sign(webhook, SIGNING)[1]
        more = max(0, len(json.loads(raw)["line_items"]) - FEW_LINES)
        assert SMALLEST <= len(raw) <= LARGEST + more * LINE_AT_MOST


def test_benchmark_orders_are_two_to_four_kilobytes_each_signed_and_different() -> None:
    deliveries = list(bench_orders(300, 20, 1, SHOP, SIGNING))
    assert deliveries == list(bench_orders(300, 20, 1, SHOP, SIGNING))
    assert all(SMALLEST <= len(raw) <= LARGEST for _, raw in deliveries)
    orders = [json.loads(raw) for _, raw in deliveries]
    assert len({order["id"] for order in orders}) == 300
    assert len({order["customer"]["id"] for order in orders}) == 20
    assert len({headers["X-Shopify-Webhook-Id"] for headers, _ in deliveries}) == 300


def test_ids_are_integers_no_float_can_hold(planned: list[Webhook]) -> None:
    order = once(planned, "orders/create")[0]
    ids = [order["id"], order["customer"]["id"], order["line_items"][0]["id"]]
    assert all(isinstance(one, int) and int(float(one)) != one for one in ids)
    assert order["admin_graphql_api_id"] == f"gid://shopify/Order/{order['id']}"


def test_bodies_follow_the_rules_of_their_api_version(planned: list[Webhook]) -> None:
    order = once(planned, "orders/create")[0]
    assert "checkout_id" not in order
    assert all("id" not in checkout for checkout in once(planned, "checkouts/create")[:20])
    gone = {"tags", "email_marketing_consent", "orders_count", "total_spent"}
    assert not gone & set(order["customer"])
    assert not gone & set(once(planned, "customers/create")[0])


def test_money_is_a_string_with_a_twin_in_the_currency_the_buyer_saw(
    planned: list[Webhook],
) -> None:
    order = next(o for o in once(planned, "orders/create") if o["presentment_currency"] == "EUR")
    twins = order["total_price_set"]
    assert order["total_price"] == twins["shop_money"]["amount"]
    assert (order["currency"], twins["shop_money"]["currency_code"]) == ("GBP", "GBP")
    assert float(twins["presentment_money"]["amount"]) > float(order["total_price"])


def test_an_order_and_its_checkout_share_their_tokens(planned: list[Webhook]) -> None:
    checkouts = {body["token"]: body for body in once(planned, "checkouts/update")}
    for order in once(planned, "orders/create")[:50]:
        if order["source_name"] == "pos":
            assert order["checkout_token"] is None
        else:
            assert checkouts[order["checkout_token"]]["cart_token"] == order["cart_token"]


def test_a_checkout_names_nobody_until_the_buyer_gives_an_email(planned: list[Webhook]) -> None:
    assert {checkout["email"] for checkout in once(planned, "checkouts/create")} == {None}
    assert all(checkout["email"] for checkout in once(planned, "checkouts/update"))


def test_orders_show_the_state_of_their_moment(tmp_path: Path) -> None:
    deliveries = plan(history(tmp_path, MUGS, MUG_BACK), SHOP, seed=1)

    def shown(topic: str) -> tuple[object, ...]:
        order = once(deliveries, topic)[0]
        names = ("financial_status", "fulfillment_status", "total_price", "current_total_price")
        return tuple(order[name] for name in names)

    assert shown("orders/create") == ("pending", None, "7.50", "7.50")
    assert shown("orders/paid") == ("paid", None, "7.50", "7.50")
    assert shown("orders/fulfilled") == ("paid", "fulfilled", "7.50", "7.50")
    assert shown("orders/updated") == ("partially_refunded", "fulfilled", "7.50", "5.00")


def test_later_bodies_of_an_order_have_a_later_updated_at(planned: list[Webhook]) -> None:
    updates: dict[int, list[datetime]] = {}
    for webhook in sorted(planned[:1500], key=lambda webhook: webhook.at):
        if webhook.topic.startswith("orders/"):
            order = body(webhook)
            at = datetime.fromisoformat(order["updated_at"])
            updates.setdefault(order["id"], []).append(at)
    assert all(seen == sorted(seen) for seen in updates.values())


def succeeded(refund: dict[str, Any]) -> int:
    amounts = (t["amount"] for t in refund["transactions"] if t["status"] == "success")
    return round(sum(100 * float(amount) for amount in amounts))


def test_what_is_given_back_is_what_succeeded(shop: Store, planned: list[Webhook]) -> None:
    refunds = once(planned, "refunds/create")
    assert sum(map(succeeded, refunds)) == shop.total().refunded_minor
    attempts = [t["status"] for refund in refunds for t in refund["transactions"]]
    assert "failure" in attempts


def test_goods_of_another_order_come_back_as_an_adjustment(tmp_path: Path) -> None:
    deliveries = plan(history(tmp_path, MUGS, CLOCK, MUG_BACK, LAMP_BACK), SHOP, seed=1)
    refunds = {r["transactions"][-1]["amount"]: r for r in once(deliveries, "refunds/create")}
    assert len(refunds["2.50"]["refund_line_items"]) == 1
    assert refunds["20.00"]["refund_line_items"] == []
    assert refunds["20.00"]["order_adjustments"][0]["amount"] == "-20.00"


def test_what_orders_show_adds_up_to_the_shop(shop: Store, planned: list[Webhook]) -> None:
    orders = once(planned, "orders/create")
    minor = sum(round(100 * float(order["total_price"])) for order in orders)
    assert (len(orders), minor) == (len(shop.orders), shop.total().gross_minor)


def test_about_one_delivery_in_twelve_is_sent_again_with_the_same_body(
    planned: list[Webhook],
) -> None:
    again = [webhook for webhook in planned if webhook.again]
    assert 0.05 < len(again) / len(planned) < 0.11
    firsts = {(w.topic, w.event_id, w.at): w for w in planned if not w.again}
    originals = [firsts[webhook.topic, webhook.event_id, webhook.at] for webhook in again]
    assert all(body(a) == body(b) for a, b in zip(again[:50], originals[:50], strict=True))
    same_id = [a.webhook_id == b.webhook_id for a, b in zip(again, originals, strict=True)]
    assert any(same_id)
    assert not all(same_id)


def test_only_repeats_share_a_webhook_id(planned: list[Webhook]) -> None:
    counts = Counter(webhook.webhook_id for webhook in planned if not webhook.again)
    assert set(counts.values()) == {1}


def test_deliveries_overtake_each_other_but_not_by_far(planned: list[Webhook]) -> None:
    firsts = [webhook for webhook in planned if not webhook.again]
    in_time = sorted(firsts, key=lambda webhook: webhook.at)
    places = {webhook.webhook_id: place for place, webhook in enumerate(in_time)}
    moved = [abs(places[w.webhook_id] - place) for place, w in enumerate(firsts)]
    assert 0 < max(moved) <= LATE_BY + 5


def test_some_refunds_or_parcels_arrive_before_their_order(planned: list[Webhook]) -> None:
    arrived: set[int] = set()
    early = 0
    for webhook in planned:
        if webhook.topic == "orders/create":
            arrived.add(body(webhook)["id"])
        if webhook.topic in ("orders/paid", "fulfillments/create"):
            shown = body(webhook)
            early += shown.get("order_id", shown["id"]) not in arrived
    assert early


def test_writing_is_put_off_until_a_delivery_is_sent(planned: list[Webhook]) -> None:
    write: Callable[[], object] = planned[0].write
    assert write() == write()

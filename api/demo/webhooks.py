"""The webhooks a shop's history sends: in the order of time, signed, some twice, some too early."""

import hmac
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from random import Random
from typing import TypeAlias

from msgspec import Struct, json
from msgspec.structs import replace

from api.demo import bodies
from api.demo.parts import Json
from api.demo.people import Customer
from api.demo.sale import Sale, sales
from api.demo.seeds import chance, uuid
from api.demo.store import Store

API_VERSION = "2026-10"
REPEATED_SHARE = 0.08
RENAMED_SHARE = 0.4  # of the repeats; two subscriptions to one topic give two webhook ids
LATE_BY = 40  # places in the queue a delivery may slip back
REPEATED_WITHIN = 200  # places

CART_BEFORE = timedelta(minutes=20)
CHECKOUT_BEFORE = timedelta(minutes=12)
EMAIL_BEFORE = timedelta(minutes=8)
MOMENT = timedelta(seconds=1)
PHONE_LATER_SHARE = 0.5  # of the shoppers; they tell their telephone number on the second order

Signed: TypeAlias = tuple[dict[str, str], bytes]


class Webhook(Struct, frozen=True):
    """One delivery to come; its body is written when it is sent, so that a long list stays small.

    `webhook_id` names the delivery, `event_id` what the shopper or the merchant did.
    """

    topic: str
    at: datetime
    webhook_id: str
    event_id: str
    shop: str
    write: Callable[[], Json]
    again: bool = False


def plan(store: Store, shop: str, seed: int) -> list[Webhook]:
    """Everything `shop` would have sent, in the disorder it would have arrived in."""
    history = sorted(_history(store, shop), key=lambda webhook: webhook.at)
    return disordered(history, chance("disorder", seed))


def sign(webhook: Webhook, secret: str) -> Signed:
    body = json.encode(webhook.write())
    return _headers(webhook, signature(body, secret)), body


def signature(body: bytes, secret: str) -> str:
    return b64encode(hmac.digest(secret.encode(), body, sha256)).decode()


def disordered(webhooks: Iterable[Webhook], dice: Random) -> list[Webhook]:
    """Some come again, under their own id or a new one, and all slip back a little."""
    places: list[tuple[float, Webhook]] = []
    for place, webhook in enumerate(webhooks):
        arrives = place + dice.uniform(0, LATE_BY)
        places.append((arrives, webhook))
        if dice.random() < REPEATED_SHARE:
            places.append((arrives + dice.uniform(1, REPEATED_WITHIN), _repeat(webhook, dice)))
    return [webhook for _, webhook in sorted(places, key=lambda entry: entry[0])]


def _repeat(webhook: Webhook, dice: Random) -> Webhook:
    if dice.random() < RENAMED_SHARE:
        renamed = uuid("renamed", webhook.webhook_id, dice.random())
        return replace(webhook, webhook_id=renamed, again=True)
    return replace(webhook, again=True)


def _headers(webhook: Webhook, digest: str) -> dict[str, str]:
    triggered_at = webhook.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": webhook.topic,
        "X-Shopify-Shop-Domain": webhook.shop,
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Hmac-Sha256": digest,
        "X-Shopify-Webhook-Id": webhook.webhook_id,
        "X-Shopify-Event-Id": webhook.event_id,
        "X-Shopify-Triggered-At": triggered_at,
    }


def _history(store: Store, shop: str) -> Iterator[Webhook]:
    sold = sales(store, shop)
    for sale in sold:
        yield from _until_checkout(sale)
        yield from _from_order(sale)
    returned_at = _second_orders(sold)
    for person in store.customers:
        yield from _sign_up(person, returned_at.get(person.number), shop)


def _second_orders(sold: Iterable[Sale]) -> dict[str, datetime]:
    """When each shopper came back; `sold` is in the order of time."""
    orders: defaultdict[str, list[datetime]] = defaultdict(list)
    for sale in sold:
        orders[sale.customer.number].append(sale.order.placed_at)
    return {number: placed[1] for number, placed in orders.items() if len(placed) > 1}


def _sign_up(person: Customer, returned_at: datetime | None, shop: str) -> Iterator[Webhook]:
    later = chance("phone", person.number).random() < PHONE_LATER_SHARE
    since, at_first = person.since, not (later and returned_at)
    write = partial(bodies.customer, person, since, at_first)
    yield _webhook("customers/create", since, write, (shop, "signed up", person.id))
    if later and returned_at:
        write = partial(bodies.customer, person, returned_at)
        yield _webhook("customers/update", returned_at, write, (shop, "told phone", person.id))


def _until_checkout(sale: Sale) -> Iterator[Webhook]:
    """The cart, and the checkout without and then with an e-mail address."""
    if sale.at_till:
        return
    placed, key = sale.order.placed_at, sale.order.id
    filled, started, named = placed - CART_BEFORE, placed - CHECKOUT_BEFORE, placed - EMAIL_BEFORE
    if sale.has_cart:
        write = partial(bodies.cart, sale, filled)
        yield _webhook("carts/create", filled, write, (sale.shop, "filled cart", key))
    write = partial(bodies.checkout, sale, started, started)
    yield _webhook("checkouts/create", started, write, (sale.shop, "started checkout", key))
    write = partial(bodies.checkout, sale, started, named)
    yield _webhook("checkouts/update", named, write, (sale.shop, "gave e-mail", key))


def _from_order(sale: Sale) -> Iterator[Webhook]:
    """The order, its payment, its parcel, and each refund with the order it changes."""
    yield order_created(sale)
    yield _order("orders/paid", sale, sale.paid_at, "paid", sale.order.id)
    sent_at = sale.fulfilled_at
    write = partial(bodies.fulfillment, sale, sent_at)
    yield _webhook("fulfillments/create", sent_at, write, (sale.shop, "sent", sale.order.id))
    yield _order("orders/fulfilled", sale, sent_at, "sent", sale.order.id)
    for refund in sale.refunds:
        write = partial(bodies.refund, sale, refund)
        yield _webhook("refunds/create", refund.at, write, (sale.shop, "refunded", refund.id))
        yield _order("orders/updated", sale, refund.at + MOMENT, "refunded", refund.id)


def order_created(sale: Sale) -> Webhook:
    return _order("orders/create", sale, sale.order.placed_at, "placed", sale.order.id)


def _order(topic: str, sale: Sale, at: datetime, done: str, key: int) -> Webhook:
    return _webhook(topic, at, partial(bodies.order, sale, at), (sale.shop, done, key))


def _webhook(
    topic: str, at: datetime, write: Callable[[], Json], action: tuple[str, str, int]
) -> Webhook:
    """`action` is the shop, what was done there, and to which resource."""
    webhook_id = uuid("webhook", topic, *action)
    return Webhook(topic, at, webhook_id, uuid("event", *action), action[0], write)

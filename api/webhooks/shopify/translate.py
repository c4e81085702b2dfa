"""From a verified delivery to the signal it is: recognisable, dated, repeatable without harm."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from actors.signals import Signal
from aggregates.profile.decisions.contact import AddTags, RemoveTags
from aggregates.profile.source import Source
from aggregates.shop.identity_rules import IdentityRules
from api.recognition.known import powerless
from api.webhooks.shopify import checkouts, consents, customers, merges, orders, refunds
from api.webhooks.shopify.delivery import Delivery
from api.webhooks.shopify.news import Heard, News, Translator
from api.webhooks.shopify.topics import untranslated

TRANSLATORS: Mapping[str, Translator] = {
    "orders/create": orders.ordered,
    "orders/updated": orders.ordered,
    "orders/paid": orders.ordered,
    "orders/cancelled": orders.ordered,
    "orders/fulfilled": orders.ordered,
    "orders/partially_fulfilled": orders.ordered,
    "orders/edited": orders.edited,
    "orders/delete": orders.deleted,
    "refunds/create": refunds.refunded,
    "returns/request": orders.returned("requested"),
    "returns/approve": orders.returned("open"),
    "returns/decline": orders.returned("declined"),
    "returns/cancel": orders.returned("cancelled"),
    "returns/close": orders.returned("closed"),
    "returns/reopen": orders.returned("reopened"),
    "returns/process": orders.returned("processed"),
    "returns/update": orders.returned("updated"),
    "fulfillments/create": orders.fulfilled,
    "fulfillments/update": orders.fulfilled,
    "checkouts/create": checkouts.checked_out,
    "checkouts/update": checkouts.checked_out,
    "checkouts/delete": checkouts.checkout_deleted,
    "carts/create": checkouts.carted,
    "carts/update": checkouts.carted,
    "draft_orders/create": checkouts.drafted,
    "draft_orders/update": checkouts.drafted,
    "draft_orders/delete": checkouts.draft_deleted,
    "customers/create": customers.changed,
    "customers/update": customers.changed,
    merges.TOPIC: merges.united,
    consents.EMAIL_TOPIC: consents.by_email,
    consents.SMS_TOPIC: consents.by_sms,
    "customer.tags_added": customers.tagged(AddTags),
    "customer.tags_removed": customers.tagged(RemoveTags),
}


def translate(
    delivery: Delivery,
    body: bytes,
    namespace: int,
    received_at: datetime,
    rules: IdentityRules,
) -> Signal:
    """The signal of one verified delivery; `received_at` dates what nobody dated.

    Raises `NotYetHandled`, `UnknownTopic` or `Untranslatable`, and nothing else for any bytes.
    """
    translator = TRANSLATORS.get(delivery.topic)
    if translator is None:
        raise untranslated(delivery.topic)
    news = translator(body, Heard(delivery.triggered_at or received_at, rules))
    content = _content(delivery, body, news)
    return Signal(
        id=f"shopify:{delivery.webhook_id or content}",
        namespace=namespace,
        occurred_at=news.at,
        source=_source(delivery),
        by="shopify",
        identifiers=news.identifiers,
        steps=news.steps,
        content=content,
        creates=news.creates,
        powerless=powerless(news.identifiers, rules) + news.powerless,
    )


def translate_order(
    order: bytes, namespace: int, received_at: datetime, source: Source, rules: IdentityRules
) -> Signal:
    """The signal of one order as the REST API shows it; raises `Untranslatable`.

    Importing the same state of an order twice gives the same id.
    """
    news = orders.ordered(order, Heard(received_at, rules))
    order_id = next(known.value for known in news.identifiers if known.kind == "order")
    state = _digest(b"orders/import", order) if news.timeless else news.at.isoformat()
    return Signal(
        id=f"import:order:{order_id}:{state}",
        namespace=namespace,
        occurred_at=news.at,
        source=source,
        by=source.kind,
        identifiers=news.identifiers,
        steps=news.steps,
        powerless=powerless(news.identifiers, rules),
    )


def _content(delivery: Delivery, body: bytes, news: News) -> str:
    """The same for two deliveries of one change, as two subscriptions to a topic cause.

    The body holds the resource's id and `updated_at`, so topic and body suffice. A body without
    a moment may truly come again (closed, reopened, closed): the shop's event sets it apart.
    """
    happened = (delivery.event_id or delivery.webhook_id or "") if news.timeless else ""
    return _digest(f"{delivery.topic}\0{happened}".encode(), body)


def _digest(kind: bytes, body: bytes) -> str:
    """128 bits of SHA-256, which processors have instructions for."""
    digest = sha256(kind + b"\0")
    digest.update(body)
    return digest.hexdigest()[:32]


def _source(delivery: Delivery) -> Source:
    return Source(
        "shopify",
        delivery.topic,
        delivery.webhook_id,
        delivery.event_id,
        delivery.triggered_at,
        delivery.api_version,
    )

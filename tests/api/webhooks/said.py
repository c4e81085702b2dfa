"""Small bodies as Shopify writes them, and the short way to have one translated."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from actors.signals import Signal
from aggregates.shop.identity_rules import IdentityRules
from api.webhooks.shopify.delivery import Delivery
from api.webhooks.shopify.refusals import NotYetHandled, UnknownTopic, Untranslatable
from api.webhooks.shopify.translate import translate

T = TypeVar("T")
Json = dict[str, Any]  # as foreign as JSON is
Refusal = NotYetHandled | UnknownTopic | Untranslatable

HOST = msgspec.msgpack.Decoder(Signal)

RULES = IdentityRules()
RECEIVED = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRIGGERED = datetime(2026, 11, 21, 11, 59, tzinfo=UTC)

ADDRESS: Json = {
    "first_name": "Ada",
    "last_name": "Lane",
    "name": "Ada Lane",
    "company": None,
    "address1": "1 Mill Lane",
    "address2": "",
    "city": "Ghent",
    "zip": "9000",
    "province": "East Flanders",
    "province_code": "VOV",
    "country": "Belgium",
    "country_code": "BE",
    "phone": "09 123 45 67",
}
CUSTOMER: Json = {
    "id": 7064055069303700,
    "admin_graphql_api_id": "gid://shopify/Customer/7064055069303784",
    "email": "ada@lane.shop",
    "phone": None,
    "first_name": "Ada",
    "last_name": "Lane",
    "updated_at": "2026-11-20T10:00:00+01:00",
    "default_address": ADDRESS | {"company": "Lane & Co"},
}
ORDER: Json = {
    "id": 820982911946154500,
    "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
    "name": "#1001",
    "email": "ada@lane.shop",
    "contact_email": "ada@lane.shop",
    "phone": "+32 470 12 34 56",
    "created_at": "2026-11-20T10:00:05+01:00",
    "processed_at": "2026-11-20T10:00:00+01:00",
    "updated_at": "2026-11-20T11:30:00+01:00",
    "cancelled_at": None,
    "cancel_reason": None,
    "currency": "EUR",
    "total_price": "120.00",
    "total_price_set": {
        "shop_money": {"amount": "120.00", "currency_code": "EUR"},
        "presentment_money": {"amount": "18000", "currency_code": "JPY"},
    },
    "total_discounts": "5.00",
    "discount_codes": [{"code": "WELCOME5", "amount": "5.00", "type": "fixed_amount"}],
    "financial_status": "paid",
    "fulfillment_status": None,
    "source_name": "web",
    "landing_site": "/?utm_source=Google&utm_medium=cpc",
    "referring_site": "https://www.google.com/search?q=ada+lane",
    "test": False,
    "checkout_token": "bd5a8aa1ecd019dd3520ff791ee3a24c",
    "cart_token": "68778783ad298f1c80c3bafcddeea02f",
    "customer_locale": "nl-BE",
    "customer": CUSTOMER,
    "shipping_address": ADDRESS,
    "billing_address": ADDRESS,
    "line_items": [
        {
            "id": 1,
            "quantity": 2,
            "product_id": 632910392,
            "variant_id": 39072856,
            "sku": "LAMP-1",
            "title": "Lamp",
            "price": "62.50",
        }
    ],
    "refunds": [],
}
REFUND: Json = {
    "id": 890088186047892300,
    "admin_graphql_api_id": "gid://shopify/Refund/890088186047892319",
    "order_id": 820982911946154508,
    "created_at": "2026-11-21T09:00:00+01:00",
    "processed_at": "2026-11-21T09:00:00+01:00",
    "refund_line_items": [
        {
            "quantity": 1,
            "subtotal": 62.5,
            "subtotal_set": {
                "shop_money": {"amount": "62.50", "currency_code": "EUR"},
                "presentment_money": {"amount": "62.50", "currency_code": "EUR"},
            },
            "line_item": ORDER["line_items"][0],
        }
    ],
    "transactions": [
        {"kind": "refund", "status": "success", "amount": "60.00", "currency": None},
        {"kind": "refund", "status": "failure", "amount": "60.00", "currency": "EUR"},
        {"kind": "void", "status": "success", "amount": "1.00", "currency": "EUR"},
    ],
}
CHECKOUT: Json = {
    "token": "bd5a8aa1ecd019dd3520ff791ee3a24c",
    "cart_token": "68778783ad298f1c80c3bafcddeea02f",
    "email": "ada@lane.shop",
    "created_at": "2026-11-20T09:50:00+01:00",
    "updated_at": "2026-11-20T09:55:00+01:00",
    "completed_at": None,
    "currency": "EUR",
    "total_price": "120.00",
    "customer": None,
    "shipping_address": [],
    "line_items": ORDER["line_items"],
}
CART: Json = {
    "id": "68778783ad298f1c80c3bafcddeea02f?key=1a2b",
    "token": "68778783ad298f1c80c3bafcddeea02f?key=1a2b",
    "updated_at": "2026-11-20T09:45:00.000Z",
    "line_items": [
        {
            "quantity": 2,
            "product_id": 632910392,
            "title": "Lamp",
            "price": "62.50",
            "price_set": {"shop_money": {"amount": "62.5", "currency_code": "EUR"}},
            "line_price_set": {"shop_money": {"amount": "125.0", "currency_code": "EUR"}},
        }
    ],
}
DRAFT: Json = {
    "id": 890612572568261625,
    "name": "#D185",
    "status": "open",
    "email": "ada@lane.shop",
    "created_at": "2026-11-19T10:00:00+01:00",
    "updated_at": "2026-11-19T11:00:00+01:00",
    "completed_at": None,
    "order_id": None,
    "currency": "EUR",
    "total_price": "436.00",
    "customer": CUSTOMER,
    "line_items": ORDER["line_items"],
}
FULFILLMENT: Json = {
    "id": 255858046,
    "order_id": 820982911946154508,
    "status": "success",
    "created_at": "2026-11-20T12:00:00+01:00",
    "updated_at": "2026-11-20T13:00:00+01:00",
    "email": "ada@lane.shop",
    "line_items": ORDER["line_items"],
}
EDIT: Json = {
    "order_edit": {
        "id": 78912328793123780,
        "order_id": 820982911946154508,
        "committed_at": "2026-11-20T14:00:00+01:00",
        "line_items": {"additions": [{"id": 1, "delta": 1}], "removals": []},
    }
}
RETURN: Json = {
    "id": 123134564567890,
    "admin_graphql_api_id": "gid://shopify/Return/123134564567890",
    "order": {"id": 5, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508"},
}
TAGGED: Json = {
    "customerId": "gid://shopify/Customer/7064055069303784",
    "tags": ["vip", "2026"],
    "occurredAt": "2026-11-20T15:00:00.000Z",
}
BY_EMAIL: Json = {
    "customer_id": 7064055069303784,
    "email_address": "Ada@lane.shop",
    "email_marketing_consent": {
        "state": "subscribed",
        "opt_in_level": "confirmed_opt_in",
        "consent_updated_at": "2026-11-20T16:00:00+01:00",
    },
}
BY_SMS: Json = {
    "id": 7064055069303784,
    "phone": "+32 470 12 34 56",
    "sms_marketing_consent": {
        "state": "subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": "2026-11-20T16:00:00+01:00",
        "consent_collected_from": "SHOPIFY",
    },
}
WHOLE: dict[str, Json] = {
    "orders/create": ORDER,
    "orders/updated": ORDER | {"refunds": [REFUND]},
    "orders/edited": EDIT,
    "orders/delete": {"id": 820982911946154508},
    "refunds/create": REFUND,
    "returns/request": RETURN,
    "fulfillments/create": FULFILLMENT,
    "checkouts/create": CHECKOUT,
    "checkouts/delete": {"id": 981820079255243537, "cart_token": CHECKOUT["cart_token"]},
    "carts/update": CART,
    "draft_orders/create": DRAFT,
    "draft_orders/delete": {"id": 890612572568261625},
    "customers/update": CUSTOMER | {"tags": "vip, 2026"},
    "customer.tags_added": TAGGED,
    "customers_email_marketing_consent/update": BY_EMAIL,
    "customers_marketing_consent/update": BY_SMS,
}


def delivered(topic: str, **headers: Any) -> Delivery:
    usual = Delivery(
        topic=topic, webhook_id="b54557e4", event_id="98880550", triggered_at=TRIGGERED
    )
    return replace(usual, **headers)


def told(topic: str, body: Json | bytes, rules: IdentityRules = RULES, **headers: Any) -> Signal:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return translate(delivered(topic, **headers), raw, 1, RECEIVED, rules)


def outcome(topic: str, body: Json | bytes) -> Signal | Refusal:
    try:
        return told(topic, body)
    except (NotYetHandled, UnknownTopic, Untranslatable) as refusal:
        return refusal


def assert_sound(result: Signal | Refusal) -> None:
    """A signal reads at the host as it was sent; a refused body is refused by its place."""
    if isinstance(result, Signal):
        assert HOST.decode(msgspec.msgpack.encode(result)) == result
    if isinstance(result, Untranslatable):
        assert result.detail.startswith("$")


def command_of(signal: Signal, kind: type[T]) -> T:
    """The one command of that kind."""
    (found,) = [step.command for step in signal.steps if isinstance(step.command, kind)]
    return found


def moment_of(signal: Signal, kind: type) -> datetime:
    (found,) = [step.at for step in signal.steps if isinstance(step.command, kind)]
    return found


def known_by(signal: Signal) -> set[str]:
    return {f"{known.kind}:{known.value}" for known in signal.identifiers}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

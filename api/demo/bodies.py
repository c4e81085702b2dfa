"""What Shopify writes into its webhooks, topic by topic, as far as anybody reads it.

Since API 2026-04 checkouts have no `id` and orders no `checkout_id`: their tokens join them.
"""

from collections.abc import Iterator
from datetime import datetime

from api.demo import parts
from api.demo.parts import Json
from api.demo.people import Customer
from api.demo.sale import Sale
from api.demo.seeds import chance, shopify_id, token
from api.demo.store import CURRENCY, Refund

WEB_APP, TILL_APP = 580_111, 129_785
LOCATION_ID = shopify_id("Location", "main")
DECLINED_FIRST_SHARE = 0.1  # refunds whose first transaction the bank turned down


def customer(person: Customer, at: datetime, with_phone: bool = True) -> Json:
    return {
        **parts.person(person, with_phone),
        "created_at": parts.local(person.since),
        "updated_at": parts.local(at),
        "note": None,
        "multipass_identifier": None,
        "tax_exempt": False,
        "tax_exemptions": [],
        "addresses": [parts.default_address(person)],
    }


def cart(sale: Sale, at: datetime) -> Json:
    return {
        "id": sale.cart_token,
        "token": sale.cart_token,
        "line_items": [parts.cart_line(sale, place) for place in range(len(sale.order.lines))],
        "note": None,
        "created_at": parts.local(at),
        "updated_at": parts.local(at),
    }


def checkout(sale: Sale, started_at: datetime, at: datetime) -> Json:
    """Before the buyer says who they are (`at` = `started_at`) it names nobody."""
    known = at > started_at
    person, total = sale.customer, parts.amount(sale.order.total_minor)
    return {
        "token": sale.checkout_token,
        "cart_token": sale.cart_token,
        "email": person.email if known else None,
        "phone": person.phone if known else None,
        "gateway": None,
        "buyer_accepts_marketing": False,
        "created_at": parts.local(started_at),
        "updated_at": parts.local(at),
        "completed_at": None,
        "closed_at": None,
        "landing_site": parts.landing(sale.order)[0],
        "referring_site": parts.landing(sale.order)[1],
        "currency": CURRENCY,
        "presentment_currency": person.place.buys_in,
        "customer_locale": person.place.locale,
        "source_name": "web",
        "name": f"#{shopify_id('Checkout', sale.order.id)}",
        "abandoned_checkout_url": f"https://{sale.shop}/checkouts/{sale.checkout_token}/recover",
        "discount_codes": [],
        "total_discounts": "0.00",
        "total_line_items_price": total,
        "subtotal_price": total,
        "total_price": total,
        "total_tax": "0.00",
        "line_items": [parts.checkout_line(line) for line in sale.order.lines],
        "shipping_address": parts.address(person) if known else None,
        "billing_address": parts.address(person) if known else None,
        "customer": parts.person(person) if known else None,
    }


def order(sale: Sale, at: datetime) -> Json:
    """The order as it stood at `at`."""
    placed, person, bought = sale.order, sale.customer, sale.order.total_minor
    still_minor = bought - sale.refunded_minor(at)
    landing, referrer = parts.landing(placed)
    return {
        "id": placed.id,
        "admin_graphql_api_id": f"gid://shopify/Order/{placed.id}",
        "app_id": TILL_APP if sale.at_till else WEB_APP,
        "buyer_accepts_marketing": False,
        "cancel_reason": None,
        "cancelled_at": None,
        "cart_token": sale.cart_token,
        "checkout_token": sale.checkout_token,
        "closed_at": None,
        "confirmed": True,
        "contact_email": person.email,
        "created_at": parts.local(placed.placed_at),
        "currency": CURRENCY,
        "current_total_price": parts.amount(still_minor),
        "current_total_price_set": parts.twins(still_minor, person),
        "customer_locale": person.place.locale,
        "discount_codes": [],
        "email": person.email,
        "financial_status": sale.financial_status(at),
        "fulfillment_status": "fulfilled" if at >= sale.fulfilled_at else None,
        "landing_site": landing,
        "location_id": LOCATION_ID if sale.at_till else None,
        "name": f"#{placed.number}",
        "note": None,
        "order_number": int(placed.number) if placed.number.isdecimal() else None,
        "payment_gateway_names": ["shopify_payments"],
        "phone": person.phone,
        "presentment_currency": person.place.buys_in,
        "processed_at": parts.local(placed.placed_at),
        "referring_site": referrer,
        "source_name": "pos" if sale.at_till else "web",
        "subtotal_price": parts.amount(bought),
        "tags": "",
        "test": False,
        "token": token("order", placed.id),
        "total_discounts": "0.00",
        "total_price": parts.amount(bought),
        "total_price_set": parts.twins(bought, person),
        "total_tax": "0.00",
        "updated_at": parts.local(at),
        "billing_address": parts.address(person),
        "customer": parts.person(person),
        "line_items": [parts.line_item(sale, place, at) for place in range(len(placed.lines))],
        "refunds": [_refund_in_order(sale, refund) for refund in sale.refunded(at)],
        "shipping_address": parts.address(person),
    }


def refund(sale: Sale, paid_back: Refund) -> Json:
    return {
        **_refund_in_order(sale, paid_back),
        "note": "Returned",
        "user_id": None,
        "processed_at": parts.local(paid_back.at),
        "restock": True,
        "return": None,
        "duties": [],
        "total_duties_set": parts.twins(0, sale.customer),
        "refund_shipping_lines": [],
    }


def fulfillment(sale: Sale, at: datetime) -> Json:
    parcel_id = shopify_id("Fulfillment", sale.order.id)
    number = str(parcel_id)[:12]
    return {
        "id": parcel_id,
        "admin_graphql_api_id": f"gid://shopify/Fulfillment/{parcel_id}",
        "order_id": sale.order.id,
        "name": f"#{sale.order.number}.1",
        "status": "success",
        "service": "manual",
        "created_at": parts.local(at),
        "updated_at": parts.local(at),
        "tracking_company": "DHL",
        "tracking_number": number,
        "tracking_numbers": [number],
        "shipment_status": None,
        "location_id": LOCATION_ID,
        "email": sale.customer.email,
        "destination": parts.address(sale.customer),
        "line_items": [parts.line_item(sale, place, at) for place in range(len(sale.order.lines))],
        "receipt": {},
    }


def _refund_in_order(sale: Sale, paid_back: Refund) -> Json:
    return {
        "id": paid_back.id,
        "admin_graphql_api_id": f"gid://shopify/Refund/{paid_back.id}",
        "order_id": sale.order.id,
        "created_at": parts.local(paid_back.at),
        **_goods_given_back(sale, paid_back),
        "transactions": list(_transactions(sale, paid_back)),
    }


def _goods_given_back(sale: Sale, paid_back: Refund) -> Json:
    """Goods this order never held come as an adjustment: only their price is known."""
    returned: list[Json] = []
    adjusted: list[Json] = []
    for nth, line in enumerate(paid_back.lines):
        place = sale.place_of(line.stock_code)
        if place is None:
            adjusted.append(_adjustment(sale, paid_back, nth))
        else:
            returned.append(_returned(sale, paid_back, nth, place))
    return {"refund_line_items": returned, "order_adjustments": adjusted}


def _returned(sale: Sale, paid_back: Refund, nth: int, place: int) -> Json:
    line = paid_back.lines[nth]
    return {
        "id": shopify_id("RefundLineItem", paid_back.id, nth),
        "line_item_id": sale.line_id(place),
        "line_item": parts.line_item(sale, place, paid_back.at),
        "quantity": line.quantity,
        "restock_type": "return",
        "subtotal": line.amount_minor / 100,  # a JSON number here, as in Shopify's own sample
        "subtotal_set": parts.twins(line.amount_minor, sale.customer),
        "total_tax": 0,
    }


def _adjustment(sale: Sale, paid_back: Refund, nth: int) -> Json:
    minor = -paid_back.lines[nth].amount_minor
    return {
        "id": shopify_id("OrderAdjustment", paid_back.id, nth),
        "order_id": sale.order.id,
        "refund_id": paid_back.id,
        "kind": "refund_discrepancy",
        "reason": "Goods of another order",
        "amount": parts.amount(minor),
        "amount_set": parts.twins(minor, sale.customer),
    }


def _transactions(sale: Sale, paid_back: Refund) -> Iterator[Json]:
    """The money: only what succeeded was given back."""
    if chance("declined", paid_back.id).random() < DECLINED_FIRST_SHARE:
        yield _transaction(sale, paid_back, "failure")
    yield _transaction(sale, paid_back, "success")


def _transaction(sale: Sale, paid_back: Refund, status: str) -> Json:
    transaction_id = shopify_id("OrderTransaction", paid_back.id, status)
    return {
        "id": transaction_id,
        "admin_graphql_api_id": f"gid://shopify/OrderTransaction/{transaction_id}",
        "order_id": sale.order.id,
        "kind": "refund",
        "gateway": "shopify_payments",
        "status": status,
        "amount": parts.amount(paid_back.amount_minor),
        "currency": CURRENCY,
        "created_at": parts.local(paid_back.at),
        "processed_at": parts.local(paid_back.at),
        "test": False,
    }

"""The pieces Shopify's webhook bodies are made of (API 2026-10).

Since 2025-01 a customer carries neither consent nor tags. Amounts are strings, ids are integers
over 2^53, and every price has a twin in the currency the buyer saw.
"""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from api.demo.people import Customer
from api.demo.sale import Sale
from api.demo.seeds import chance, shopify_id, token
from api.demo.store import CURRENCY, TIME_ZONE, Line, Order

Json: TypeAlias = dict[str, object]

EUROS_PER_POUND = Decimal("1.17")
LANDINGS = (
    (None, None),
    ("/", "https://www.google.com/"),
    ("/collections/all?utm_source=newsletter&utm_medium=email", None),
    ("/?utm_source=google&utm_medium=cpc", "https://www.google.com/"),
    ("/products/gift?utm_source=instagram&utm_medium=social", "https://instagram.com/"),
)


def person(person: Customer, with_phone: bool = True) -> Json:
    return {
        "id": person.id,
        "admin_graphql_api_id": f"gid://shopify/Customer/{person.id}",
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone if with_phone else None,
        "state": "disabled",
        "verified_email": True,
        "currency": CURRENCY,
        "default_address": default_address(person),
    }


def address(person: Customer) -> Json:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": None,
        "address1": person.street,
        "address2": None,
        "city": person.city,
        "zip": person.zip,
        "country": person.place.country,
        "country_code": person.place.code,
        "phone": person.phone,
    }


def default_address(person: Customer) -> Json:
    address_id = shopify_id("MailingAddress", person.number)
    owner = {"id": address_id, "customer_id": person.id, "default": True}
    return {**address(person), **owner}


def line_item(sale: Sale, place: int, at: datetime) -> Json:
    line, line_id = sale.order.lines[place], sale.line_id(place)
    fulfilled = at >= sale.fulfilled_at
    return {
        "id": line_id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id}",
        "product_id": product_id(line),
        "variant_id": shopify_id("ProductVariant", line.stock_code),
        "sku": line.stock_code,
        "title": line.title,
        "quantity": line.quantity,
        "fulfillment_status": "fulfilled" if fulfilled else None,
        "price": amount(line.price_minor),
        "price_set": twins(line.price_minor, sale.customer),
        "total_discount": "0.00",
    }


def cart_line(sale: Sale, place: int) -> Json:
    line = sale.order.lines[place]
    variant_id = shopify_id("ProductVariant", line.stock_code)
    return {
        "id": variant_id,
        "key": f"{variant_id}:{token('cart line', sale.order.id, place)}",
        "line_price": amount(line.amount_minor),
        "line_price_set": twins(line.amount_minor, sale.customer),
        **goods(line),
    }


def checkout_line(line: Line) -> Json:
    return {**goods(line), "line_price": amount(line.amount_minor), "gift_card": False}


def goods(line: Line) -> Json:
    return {
        "product_id": product_id(line),
        "variant_id": shopify_id("ProductVariant", line.stock_code),
        "sku": line.stock_code,
        "title": line.title,
        "quantity": line.quantity,
        "price": amount(line.price_minor),
    }


def product_id(line: Line) -> int:
    return shopify_id("Product", line.stock_code)


def landing(placed: Order) -> tuple[str | None, str | None]:
    return chance("landing", placed.id).choice(LANDINGS)


def twins(minor: int, buyer: Customer) -> Json:
    """Shop money, and what the buyer saw: Germans see euros, and only shop money may be added."""
    seen = Decimal(minor)
    if buyer.place.buys_in != CURRENCY:
        seen = (seen * EUROS_PER_POUND).to_integral_value(ROUND_HALF_UP)
    return {
        "shop_money": {"amount": amount(minor), "currency_code": CURRENCY},
        "presentment_money": {"amount": amount(int(seen)), "currency_code": buyer.place.buys_in},
    }


def amount(minor: int) -> str:
    return f"{'-' * (minor < 0)}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def local(at: datetime) -> str:
    """Shopify writes instants with the shop's own offset, to the second."""
    return at.astimezone(TIME_ZONE).replace(microsecond=0).isoformat()

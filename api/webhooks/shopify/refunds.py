"""Money given back: what the payment providers confirmed, in the currency the shop books.

A refund's transactions are in the currency the buyer paid in, and no member says what they are
in the shop's. Its other sums come in both, so their ratio converts.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from msgspec.json import Decoder

from aggregates.profile.decisions.orders import MAX_ITEMS, Item, RecordRefund
from aggregates.profile.money import EXPONENTS, Price
from api.webhooks.shopify import bodies
from api.webhooks.shopify.lines import in_presentment_money, in_shop_money, item
from api.webhooks.shopify.news import Heard, News, of_known
from api.webhooks.shopify.people import references
from api.webhooks.shopify.refusals import Untranslatable
from api.webhooks.shopify.scalars import (
    A_CURRENCY,
    AN_AMOUNT,
    AN_ID,
    amount,
    currency,
    instant_of,
    required,
    resource_id,
)

_REFUND = Decoder(bodies.Refund)


class Exchange(NamedTuple):
    """The two currencies of an order; `rate` is shop money for one of presentment money."""

    shop: str | None = None
    presentment: str | None = None
    rate: Fraction | None = None


def refunded(body: bytes, heard: Heard) -> News:
    refund = bodies.decoded(_REFUND, body)
    order_id = required(resource_id(refund.order_id), "$.order_id", AN_ID)
    command, moment = refund_command(refund, order_id, Exchange())
    return of_known(references(order=order_id), command, moment, heard)


def refund_command(
    refund: bodies.Refund, order_id: str, of_order: Exchange
) -> tuple[RecordRefund, datetime | None]:
    """The same command and moment whether the refund came alone or within its order."""
    refund_id = resource_id(refund.id, refund.admin_graphql_api_id)
    exchange = _exchange(refund, of_order)
    shop, presentment = _given_back(refund.transactions or [], exchange)
    command = RecordRefund(
        order_id=order_id,
        refund_id=required(refund_id, "$.id", AN_ID),
        amount=shop,
        presentment_amount=presentment,
        items=_items(refund, exchange.shop),
    )
    return command, _moment(refund)


def exchange_of(*bags: bodies.MoneyBag | None) -> Exchange:
    """What sums given in both currencies say of the rate; signs do not matter."""
    shop = presentment = None
    shop_sum = presentment_sum = Fraction(0)
    for bag in bags:
        ours, theirs = in_shop_money(bag, None, None), in_presentment_money(bag)
        if ours and theirs:
            shop, presentment = ours.currency, theirs.currency
            shop_sum += abs(Fraction(ours.amount))
            presentment_sum += abs(Fraction(theirs.amount))
    rate = shop_sum / presentment_sum if shop_sum and presentment_sum else None
    return Exchange(shop, presentment, Fraction(1) if shop == presentment and shop else rate)


def _exchange(refund: bodies.Refund, of_order: Exchange) -> Exchange:
    lines = refund.refund_line_items or []
    own = exchange_of(
        *(line.subtotal_set for line in lines),
        *(line.total_tax_set for line in lines),
        *(adjustment.amount_set for adjustment in refund.order_adjustments or ()),
        *(shipping.subtotal_amount_set for shipping in refund.refund_shipping_lines or ()),
        refund.total_duties_set,
    )
    return (
        own
        if own.rate
        else Exchange(
            own.shop or of_order.shop, own.presentment or of_order.presentment, of_order.rate
        )
    )


def _given_back(
    transactions: list[bodies.Transaction], exchange: Exchange
) -> tuple[Price, Price | None]:
    """The sums of the successful refunds, in shop and, where known, in presentment money."""
    paid = list(_successful(transactions, exchange))
    shop = exchange.shop or next((code for _, code in paid), None)
    if shop is None:
        raise Untranslatable(f"$.transactions[...].currency: expected {A_CURRENCY}")
    ours = sum((_in_shop_money(value, code, shop, exchange) for value, code in paid), Decimal(0))
    seen = exchange.presentment
    theirs = sum((value for value, code in paid if code == seen), Decimal(0))
    known = seen and all(code == seen for _, code in paid)
    return _price(ours, shop), _price(theirs, seen) if seen and known else None


def _successful(
    transactions: list[bodies.Transaction], exchange: Exchange
) -> Iterator[tuple[Decimal, str]]:
    for one in transactions:
        if one.kind == "refund" and one.status == "success":
            value = required(amount(one.amount), "$.transactions[...].amount", AN_AMOUNT)
            code = currency(one.currency) or exchange.shop
            yield Decimal(value), required(code, "$.transactions[...].currency", A_CURRENCY)


def _in_shop_money(value: Decimal, code: str, shop: str, exchange: Exchange) -> Decimal:
    if code == shop:
        return value
    if code != exchange.presentment or exchange.rate is None:
        raise Untranslatable("$.refund_line_items: expected sums in the transactions' currency")
    coin = Decimal(1).scaleb(-EXPONENTS.get(shop, 2))
    converted = Fraction(value) * exchange.rate
    exact = Decimal(converted.numerator) / Decimal(converted.denominator)
    return exact.quantize(coin, ROUND_HALF_UP)


def _price(value: Decimal, code: str) -> Price:
    found = amount(f"{value:f}")
    return Price(required(found, "$.transactions[...].amount", AN_AMOUNT), code)


def _items(refund: bodies.Refund, shop: str | None) -> tuple[Item, ...]:
    lines = (refund.refund_line_items or [])[:MAX_ITEMS]
    return tuple(item(line.line_item or bodies.Line(), line.quantity, shop) for line in lines)


def _moment(refund: bodies.Refund) -> datetime | None:
    """The latest moment named: a refund that a provider confirms later is news then."""
    named = [
        instant_of(refund.created_at, "$.created_at"),
        instant_of(refund.processed_at, "$.processed_at"),
    ]
    for one in refund.transactions or ():
        named.append(instant_of(one.created_at, "$.transactions[...].created_at"))
        named.append(instant_of(one.processed_at, "$.transactions[...].processed_at"))
    return max((moment for moment in named if moment), default=None)

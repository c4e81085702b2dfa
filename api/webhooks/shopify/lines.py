"""What a body's lines say was ordered, sent or given back."""

from collections.abc import Sequence

from aggregates.profile.decisions.orders import MAX_ITEMS, Item
from aggregates.profile.money import Price
from api.webhooks.shopify import bodies
from api.webhooks.shopify.scalars import price, resource_id, text


def items(lines: Sequence[bodies.Line] | None, currency: str | None) -> tuple[Item, ...]:
    """The first thousand lines; `currency` is the shop's, for bodies whose lines name none."""
    return tuple([item(line, line.quantity, currency) for line in (lines or ())[:MAX_ITEMS]])


def item(line: bodies.Line, quantity: int | None, currency: str | None) -> Item:
    return Item(
        quantity=1 if quantity is None else quantity,  # a line without a number is one piece
        product_id=resource_id(line.product_id),
        variant_id=resource_id(line.variant_id),
        sku=text(line.sku),
        title=text(line.title),
        price=in_shop_money(line.price_set, line.price, currency),
    )


def in_shop_money(
    bag: bodies.MoneyBag | None, amount: str | float | None, currency: str | None
) -> Price | None:
    """What the shop books: the bag's, or `amount` where the body has no bag."""
    money = bag.shop_money if bag else None
    found = price(money.amount, money.currency_code) if money else None
    return found or price(amount, currency)


def in_presentment_money(bag: bodies.MoneyBag | None) -> Price | None:
    """What the buyer saw."""
    money = bag.presentment_money if bag else None
    return price(money.amount, money.currency_code) if money else None

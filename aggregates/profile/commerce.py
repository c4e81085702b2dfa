"""What a customer has bought, counted and summed from the orders facet."""

from collections import Counter

from aggregates.profile.events.orders import VOIDED, Order, Orders, Picture, Refund, order_of
from aggregates.profile.latest import Latest
from aggregates.profile.money import Money


def counting(orders: Orders) -> list[Picture]:
    """The orders that count, first placed first: not test, voided, cancelled or deleted ones."""
    pictures = [o.picture.value for o in orders.by_id.values() if o.picture and not excluded(o)]
    return sorted(pictures, key=lambda picture: (picture.placed_at, picture.order_id))


def excluded(order: Order) -> bool:
    """Whether we know of a reason not to count it; of an order never pictured we mostly do not."""
    if order.cancelled_at or order.deleted_at:
        return True
    shown = order.picture.value if order.picture else None
    return shown is not None and (shown.test or shown.financial_status == VOIDED)


def order_count(orders: Orders) -> int:
    return len(counting(orders))


def first_order(orders: Orders) -> Picture | None:
    return next(iter(counting(orders)), None)


def last_order(orders: Orders) -> Picture | None:
    return next(reversed(counting(orders)), None)


def count_by_channel(orders: Orders) -> dict[str, int]:
    return dict(Counter(picture.channel for picture in counting(orders)))


def acquisition_channel(orders: Orders) -> str | None:
    """Where the first order came from: as its source says, else the channel it was placed in."""
    picture = first_order(orders)
    return (picture.acquisition_channel or picture.channel) if picture else None


def currency(orders: Orders) -> str | None:
    """The currency sums are in: that of the last order that counts, else of the last refund."""
    if picture := last_order(orders):
        return picture.total.currency
    refunds = [(refund.stamp, id_) for id_, refund in _standing_refunds(orders).items()]
    return orders.refunds[max(refunds)[1]].value.amount.currency if refunds else None


def gross(orders: Orders) -> Money | None:
    """The totals of all orders that count, in `currency`; orders in another one are left out."""
    unit = currency(orders)
    return _sum([picture.total for picture in counting(orders)], unit) if unit else None


def refunded(orders: Orders) -> Money | None:
    """What was given back, in `currency`.

    A refund of an order we have not seen counts; one of an order that does not count does not,
    as the order itself is not in `gross` either.
    """
    unit = currency(orders)
    back = [refund.value.amount for refund in _standing_refunds(orders).values()]
    return _sum(back, unit) if unit else None


def lifetime_spend(orders: Orders) -> Money | None:
    """`gross` less `refunded`; below zero where only refunds of unseen orders are known."""
    spent, back = gross(orders), refunded(orders)
    return Money(spent.minor - back.minor, spent.currency) if spent and back else None


def average_order_value(orders: Orders) -> Money | None:
    """`gross` by the number of orders in that currency, rounded half away from zero."""
    unit = currency(orders)
    totals = [p.total for p in counting(orders) if p.total.currency == unit]
    if not unit or not totals:
        return None
    return Money(_divided(_sum(totals, unit).minor, len(totals)), unit)


def _standing_refunds(orders: Orders) -> dict[str, Latest[Refund]]:
    return {
        refund_id: refund
        for refund_id, refund in orders.refunds.items()
        if not excluded(order_of(orders, refund.value.order_id))
    }


def _sum(amounts: list[Money], unit: str) -> Money:
    return Money(sum(amount.minor for amount in amounts if amount.currency == unit), unit)


def _divided(minor: int, count: int) -> int:
    rounded = (2 * abs(minor) + count) // (2 * count)
    return rounded if minor >= 0 else -rounded

"""What a customer has bought, counted and summed from the orders facet."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from aggregates.profile.events.orders import VOIDED, Order, Orders, Picture, Refund, order_of
from aggregates.profile.latest import Latest
from aggregates.profile.money import Money


class Bought(NamedTuple):
    """`counting` are the orders that count, as `counting` tells them.

    `currency` is that of the last of them, else of the last refund; amounts are in it, and what is
    in another one is left out. `gross` is the totals, `refunded` what was given back: of an order
    we have not seen too, but not of one that does not count, as `gross` is without it either.
    `average_order_value` is `gross` by the number of orders in that currency, rounded half away
    from zero.
    """

    counting: Sequence[Picture]
    currency: str | None = None
    gross: Money | None = None
    refunded: Money | None = None
    average_order_value: Money | None = None

    @property
    def order_count(self) -> int:
        return len(self.counting)

    @property
    def first_order(self) -> Picture | None:
        return self.counting[0] if self.counting else None

    @property
    def last_order(self) -> Picture | None:
        return self.counting[-1] if self.counting else None

    @property
    def lifetime_spend(self) -> Money | None:
        """`gross` less `refunded`; below zero where only refunds of unseen orders are known."""
        if self.gross is None or self.refunded is None:
            return None
        return Money(self.gross.minor - self.refunded.minor, self.gross.currency)

    @property
    def acquisition_channel(self) -> str | None:
        """Where the first order came from: as its source says, else the channel it came by."""
        first = self.first_order
        return (first.acquisition_channel or first.channel) if first else None

    @property
    def count_by_channel(self) -> dict[str, int]:
        return dict(Counter(picture.channel for picture in self.counting))


def bought(orders: Orders) -> Bought:
    pictures, refunds = counting(orders), _standing_refunds(orders)
    if (unit := _currency(pictures, refunds)) is None:
        return Bought(pictures)
    totals = [picture.total for picture in pictures if picture.total.currency == unit]
    spent = sum(total.minor for total in totals)
    given = (refund.value.amount for refund in refunds.values())
    back = sum(amount.minor for amount in given if amount.currency == unit)
    average = Money(_divided(spent, len(totals)), unit) if totals else None
    return Bought(pictures, unit, Money(spent, unit), Money(back, unit), average)


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


def _currency(pictures: Sequence[Picture], refunds: dict[str, Latest[Refund]]) -> str | None:
    if pictures:
        return pictures[-1].total.currency
    last = max(refunds, key=lambda refund: (refunds[refund].stamp, refund), default=None)
    return refunds[last].value.amount.currency if last is not None else None


def _standing_refunds(orders: Orders) -> dict[str, Latest[Refund]]:
    return {
        refund_id: refund
        for refund_id, refund in orders.refunds.items()
        if not excluded(order_of(orders, refund.value.order_id))
    }


def _divided(minor: int, count: int) -> int:
    rounded = (2 * abs(minor) + count) // (2 * count)
    return rounded if minor >= 0 else -rounded

"""What is to be seen at a glance of an order, from the customer's state."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from aggregates.profile.events import checkouts
from aggregates.profile.events.orders import Order
from aggregates.profile.profile import Profile
from api.history.order_shape import Badge


class Badges:
    """Of one customer's orders."""

    def __init__(self, profile: Profile, now: datetime) -> None:
        self._orders = profile.orders.by_id
        self._checkouts = profile.checkouts.by_token
        self._now = now
        self._back = Counter[str]()
        for refund in profile.orders.refunds.values():
            self._back[refund.value.order_id] += refund.value.amount.minor
        self._returned = {one.value.order_id for one in profile.orders.returns.values()}

    def of(self, order_id: str) -> list[Badge]:
        order = self._orders.get(order_id)
        return list(self._of(order_id, order)) if order else []

    def having(self, badge: str) -> list[str]:
        """The ids of the orders that do."""
        return [order_id for order_id in self._orders if badge in self.of(order_id)]

    def _of(self, order_id: str, order: Order) -> Iterator[Badge]:
        if self._is_recovered(order):
            yield "recovered"
        if order.cancelled_at:
            yield "cancelled"
        if order.deleted_at:
            yield "deleted"
        if order.picture and order.picture.value.test:
            yield "test"
        if back := self._back[order_id]:
            total = order.picture.value.total.minor if order.picture else 0
            yield "refunded" if back >= total else "partially_refunded"
        if order_id in self._returned:
            yield "returned"

    def _is_recovered(self, order: Order) -> bool:
        """Whether the checkout that became this order had been left behind."""
        token = order.picture.value.checkout_token if order.picture else None
        checkout = self._checkouts.get(token) if token else None
        return checkout is not None and checkouts.status(checkout, self._now) == "recovered"

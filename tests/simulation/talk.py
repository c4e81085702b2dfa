"""What can be said of a shopper: signals with made-up contents, drawn by chance."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from itertools import count
from random import Random

import msgspec
from msgspec.structs import replace

from actors.signals import Signal
from aggregates.profile.decide import Command
from aggregates.profile.decisions.checkouts import RecordCheckout
from aggregates.profile.decisions.contact import AddTags, RemoveTags, SetContact
from aggregates.profile.decisions.orders import (
    RecordFulfillment,
    RecordOrder,
    RecordRefund,
    RecordReturn,
)
from aggregates.profile.decisions.visits import RecordCart, RecordProductView, RecordVisit
from aggregates.profile.identifiers import Identifier
from aggregates.profile.money import Price
from aggregates.profile.source import Source
from tests.actors.shopping import signal
from tests.given import NOON

MINUTES = (0, 1, 30, 60, 1500)
SOURCES = ("shopify", "shopify", "api", "pixel")


class Talk:
    """Signals of one shop, each with an id of its own; the ids of two shops are the same.

    Contents that tell where they come from: a last name is the number of the shop's namespace.
    """

    def __init__(self, random: Random, namespace: int) -> None:
        self._random = random
        self._namespace = namespace
        self._ids = count(1)

    def said(self, *commands: Command, by: Sequence[Identifier], **more: object) -> Signal:
        pick = self._random.choice
        at = NOON + timedelta(minutes=pick(MINUTES))
        heard = signal(*commands, by=by, at=at, namespace=self._namespace, id=self.new_id())
        return replace(heard, source=Source(pick(SOURCES)), fingerprint=_digest(heard), **more)

    def new_id(self) -> str:
        return f"delivery-{next(self._ids)}"

    def about(self, name: str) -> Command:
        """Something that has this name; no two shoppers have things of one name."""
        price, kind = self._price(), self._random.choice(("paid", "voided"))
        tags = (self._random.choice("pqr"),)
        told: list[Command] = [
            self.placed(name),
            RecordOrder(order_id=name, placed_at=NOON, total=price, financial_status=kind),
            RecordCheckout(token=name, started_at=NOON, total=price),
            RecordCart(cart_token=name, total=price),
            SetContact(first_name=self._random.choice("XY"), last_name=str(self._namespace)),
            AddTags(tags),
            RemoveTags(tags),
            RecordVisit(visit_id=name),
            RecordProductView(product_id="mug", visit_id=name),
        ]
        return self._random.choice(told)

    def of_order(self, name: str) -> Command:
        """What a shop tells of by the order alone."""
        told: list[Command] = [
            RecordRefund(order_id=name, refund_id=f"r-{name}", amount=self._price()),
            RecordReturn(order_id=name, return_id=f"b-{name}", status="open"),
            RecordReturn(order_id=name, return_id=f"b-{name}", status="closed"),
            RecordFulfillment(order_id=name, fulfillment_id=f"f-{name}", status="success"),
        ]
        return self._random.choice(told)

    def placed(self, name: str) -> Command:
        return RecordOrder(order_id=name, placed_at=NOON, total=self._price())

    def _price(self) -> Price:
        return Price(self._random.choice(["10.00", "19.90"]), "EUR")


def _digest(heard: Signal) -> bytes:
    return blake2b(msgspec.json.encode(heard.steps), digest_size=8).digest()

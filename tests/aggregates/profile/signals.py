"""Commands that the tests of this folder begin with; each test changes what it is about."""

# ruff: noqa: S106  (tokens of carts and checkouts are no secrets)

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from aggregates.profile.decide import Command, decide
from aggregates.profile.decisions.checkouts import RecordCheckout
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.drafts import RecordDraftOrder
from aggregates.profile.decisions.message_commands import RecordMessageOpened, RecordMessageSent
from aggregates.profile.decisions.orders import Item, RecordOrder, RecordRefund
from aggregates.profile.decisions.properties import SetProperties
from aggregates.profile.events.properties import Moment
from aggregates.profile.money import Price
from aggregates.profile.profile import EMPTY, Happened, Profile, evolve
from tests.given import CONTEXT, NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MUG = Item(2, product_id="mug", price=Price("9.95", "EUR"))

ORDER = RecordOrder(order_id="1001", placed_at=NOON, total=Price("19.90", "EUR"), items=(MUG,))
REFUND = RecordRefund(order_id="1001", refund_id="r1", amount=Price("5.00", "EUR"))
CHECKOUT = RecordCheckout(token="t1", started_at=NOON, total=Price("19.90", "EUR"))
PROPERTIES = SetProperties({"size": "M", "points": 12, "vip": True, "joined": Moment(NOON)})
DRAFT = RecordDraftOrder(draft_id="d1", status="open", total=Price("80.00", "EUR"), created_at=NOON)
MESSAGE = RecordMessageSent(message_id="m1", channel="email", source="campaign")
OPENED = RecordMessageOpened(message_id="m1")

Signal = tuple[Command, Context]


def said(*commands: Command) -> list[Signal]:
    """One signal a minute."""
    return [
        (command, replace(CONTEXT, occurred_at=NOON + minute * MINUTE))
        for minute, command in enumerate(commands)
    ]


def after(*commands: Command) -> Profile:
    return heard(said(*commands))


def heard(signals: Sequence[Signal]) -> Profile:
    profile = EMPTY
    for happened in history(signals):
        profile = evolve(profile, happened.event, happened.stamp)
    return profile


def history(signals: Sequence[Signal]) -> list[Happened]:
    """What is recorded when the signals come one after the other."""
    profile, past = EMPTY, list[Happened]()
    for command, context in signals:
        for event in tuple(decide(profile, command, context)):
            past.append(Happened(event, context.stamp))
            profile = evolve(profile, event, context.stamp)
    return past

"""What customers do in the tests of stages, by days from a noon."""

from datetime import timedelta

from aggregates.profile.decide import Command
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.decisions.orders import RecordOrder
from aggregates.profile.decisions.visits import RecordVisit
from aggregates.profile.events.lifecycle import Stage, StageChanged
from aggregates.profile.identifiers import Identifier
from aggregates.profile.lifecycle import stage
from aggregates.profile.money import Price
from aggregates.profile.source import Source
from aggregates.shop.lifecycle_rules import LifecycleRules
from tests.aggregates.profile.signals import Signal, heard
from tests.given import NOON

RULES = LifecycleRules()
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
EURO = Price("1.00", "EUR")
ADA = Recognise((Identifier("email", "ada@example.com"),))


def on(day: float, command: Command) -> Signal:
    return command, Context(NOON + day * DAY, NOON + day * DAY, Source("shopify"))


def visit(day: float, name: str | None = None) -> Signal:
    return on(day, RecordVisit(visit_id=name or f"v{day}"))


def order(day: float, **more: object) -> Signal:
    at = NOON + day * DAY
    return on(day, RecordOrder(order_id=f"o{day}", placed_at=at, total=EURO, **more))  # type: ignore[arg-type]  # whatever an order has


def at(day: float, *signals: Signal, rules: LifecycleRules = RULES) -> Stage:
    return stage(heard(signals), rules, NOON + day * DAY)


def changed(before: Stage, to: Stage, since: float, turn: int) -> StageChanged:
    return StageChanged(
        before=before,
        to=to,
        since=NOON + since * DAY,
        turn=turn,
        at_risk_days=30,
        churned_days=90,
    )

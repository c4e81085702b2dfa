"""The database answers every rule as one would by hand, at any moment."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.shop.lifecycle_rules import LifecycleRules
from aggregates.shop.settings import Settings
from projections.segments.facts import Facts
from projections.segments.rule import Date, OrderCount, Rule, Stage, StageName, Window
from tests.given import NOON
from tests.segments.agreement import agreed, check, setting_at
from tests.segments.rules import LEAVES, instants, leaves, rules, shops

BOTH: tuple[Literal["before", "after"], ...] = ("before", "after")


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(rule=rules, now=instants, shop=shops)
def test_sql_and_python_agree(
    crowded: Connection[TupleRow],
    facts: dict[UUID, Facts],
    rule: Rule,
    now: datetime,
    shop: Settings,
) -> None:
    check(crowded, facts, rule, setting_at(now, shop))


@pytest.mark.parametrize("leaf", range(len(LEAVES)))
def test_on_every_kind_of_condition_too(
    crowded: Connection[TupleRow], facts: dict[UUID, Facts], leaf: int
) -> None:
    @settings(max_examples=12, deadline=None, derandomize=True, database=None)
    @given(rule=LEAVES[leaf], now=instants, shop=shops)
    def judge(rule: Rule, now: datetime, shop: Settings) -> None:
        check(crowded, facts, rule, setting_at(now, shop))

    judge()


def test_most_conditions_are_met_by_some_and_not_by_others(
    crowded: Connection[TupleRow], facts: dict[UUID, Facts]
) -> None:
    """Or the crowd would prove little."""
    split = []

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(rule=leaves, now=instants, shop=shops)
    def judge(rule: Rule, now: datetime, shop: Settings) -> None:
        split.append(0 < check(crowded, facts, rule, setting_at(now, shop)) < len(facts))

    judge()
    assert sum(split) >= len(split) / 3


def test_at_the_very_edge_of_a_window_too(
    crowded: Connection[TupleRow], facts: dict[UUID, Facts]
) -> None:
    placed = [order.placed_at for one in facts.values() for order in one.purchases]
    for at in placed[:10]:
        for window in (Window(start=at), Window(end=at)):
            agreed(crowded, facts, OrderCount("at_least", 1, window), setting_at(NOON))
        for test in BOTH:
            agreed(crowded, facts, Date("first_order_at", test, at), setting_at(NOON))


@pytest.mark.parametrize(("at_risk", "churned"), [(7, 45), (60, 61), (50, 20)])
def test_stages_change_when_the_shop_says(
    crowded: Connection[TupleRow], facts: dict[UUID, Facts], at_risk: int, churned: int
) -> None:
    windows = Settings(lifecycle=LifecycleRules(at_risk, churned))
    for stage in get_args(StageName):
        agreed(crowded, facts, Stage((stage,)), setting_at(NOON, windows))

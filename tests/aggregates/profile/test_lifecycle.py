"""Six stages, changing at instants that can be told beforehand."""

from datetime import UTC, datetime

import pytest

from aggregates.profile.decisions.checkouts import RecordCheckout
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.orders import RecordOrder
from aggregates.profile.decisions.visits import RecordProductView
from aggregates.profile.lifecycle import (
    stage,
    standing,
)
from aggregates.profile.profile import EMPTY
from aggregates.shop.lifecycle_rules import LifecycleRules
from tests.aggregates.profile.lives import ADA, DAY, EURO, INSTANT, RULES, at, on, order, visit
from tests.aggregates.profile.signals import Signal, heard
from tests.given import NOON


def test_who_came_once_is_new_and_who_came_back_is_engaged() -> None:
    assert at(1, visit(0), visit(0.01, "v0")) == "new"
    assert at(1, visit(0), visit(1)) == "engaged"


def test_an_order_converts_and_a_second_makes_loyal() -> None:
    assert at(1, order(0)) == "converted"
    assert at(2, order(0), order(2)) == "loyal"
    assert at(1, visit(0), visit(0.5), order(1)) == "converted"


def test_an_order_that_was_cancelled_never_was() -> None:
    assert at(1, order(0), order(1, cancelled_at=NOON + DAY)) == "converted"


@pytest.mark.parametrize("past", [(order(0),), (order(-1), order(0)), (visit(-1), visit(0))])
def test_quiet_ones_are_at_risk_after_thirty_days_to_the_instant(past: tuple[Signal, ...]) -> None:
    profile = heard(past)
    month, quarter = NOON + 30 * DAY, NOON + 90 * DAY
    before = stage(profile, RULES, NOON)
    assert stage(profile, RULES, month - INSTANT) == before
    assert standing(profile, RULES, month) == ("at_risk", month, quarter)
    assert stage(profile, RULES, quarter - INSTANT) == "at_risk"
    assert standing(profile, RULES, quarter) == ("churned", quarter, None)


def test_who_came_only_once_is_never_at_risk_but_gone_after_ninety_days() -> None:
    assert standing(heard([visit(0)]), RULES, NOON + 89 * DAY) == ("new", NOON, NOON + 90 * DAY)
    assert at(90, visit(0)) == "churned"


@pytest.mark.parametrize(
    "sign",
    [
        visit(50),
        on(50, RecordProductView(product_id="mug")),
        on(50, RecordCheckout(token="c", started_at=NOON + 50 * DAY)),  # noqa: S106  # no secret
        order(50, cancelled_at=NOON + 50 * DAY),
    ],
)
def test_any_sign_of_life_brings_them_back_at_that_instant(sign: Signal) -> None:
    found = standing(heard([order(0), sign]), RULES, NOON + 60 * DAY)
    assert found == ("converted", NOON + 50 * DAY, NOON + 80 * DAY)


def test_what_a_shop_does_about_them_is_no_sign_of_life() -> None:
    assert at(40, order(0), on(35, SetContact(first_name="Ada"))) == "at_risk"


def test_coming_back_counts_from_the_first_page_of_the_visit() -> None:
    found = standing(heard([visit(0), visit(40, "b"), visit(40.02, "b")]), RULES, NOON + 41 * DAY)
    assert found == ("engaged", NOON + 40 * DAY, NOON + 40.02 * DAY + 30 * DAY)


def test_somebody_from_a_list_is_new_since_then_and_gone_after_ninety_days() -> None:
    listed = heard([on(0, ADA)])
    assert standing(listed, RULES, NOON) == ("new", NOON, NOON + 90 * DAY)
    assert stage(listed, RULES, NOON + 90 * DAY) == "churned"


def test_becoming_known_by_an_old_order_is_no_sign_of_life() -> None:
    assert at(100, order(0), on(95, ADA)) == "churned"


def test_of_nobody_nothing_is_known() -> None:
    assert standing(EMPTY, RULES, NOON) == ("new", None, None)


def test_a_shop_has_its_own_windows() -> None:
    assert at(7, order(0), rules=LifecycleRules(7, 14)) == "at_risk"
    assert at(14, order(0), rules=LifecycleRules(7, 14)) == "churned"


def test_the_last_moments_there_are_overflow_nothing() -> None:
    end = datetime(9999, 12, 31, tzinfo=UTC)
    profile = heard([(RecordOrder(order_id="1", placed_at=end, total=EURO), order(0)[1])])
    assert standing(profile, RULES, NOON) == ("new", None, end)
    assert standing(profile, RULES, end) == ("converted", end, None)

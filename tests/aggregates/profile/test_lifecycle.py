"""Six stages, one at any instant, changing at instants that can be told beforehand."""

from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.profile.decide import Command
from aggregates.profile.decisions.checkouts import RecordCheckout
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.decisions.lifecycle import RecordStage
from aggregates.profile.decisions.orders import RecordOrder
from aggregates.profile.decisions.visits import RecordProductView, RecordVisit
from aggregates.profile.events.lifecycle import Lifecycle, Stage, StageChanged, evolve
from aggregates.profile.identifiers import Identifier
from aggregates.profile.lifecycle import (
    course,
    due_at,
    last_sign,
    next_change_at,
    runs,
    stage,
    standing,
    told,
)
from aggregates.profile.money import Price
from aggregates.profile.profile import EMPTY, Profile, fold
from aggregates.profile.source import Source
from aggregates.shop.lifecycle_rules import LifecycleRules
from tests.aggregates.profile.signals import Signal, heard, history
from tests.given import NOON, given

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


@pytest.mark.parametrize(
    "said", ['{"at_risk_days":0}', '{"at_risk_days":90}', '{"churned_days":1}']
)
def test_windows_that_make_no_sense_are_refused(said: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(said, type=LifecycleRules)


def look(day: float) -> RecordStage:
    return RecordStage(NOON + day * DAY, RULES)


def changed(before: Stage, to: Stage, since: float, turn: int) -> StageChanged:
    return StageChanged(
        before=before,
        to=to,
        since=NOON + since * DAY,
        turn=turn,
        at_risk_days=30,
        churned_days=90,
    )


ORDERED = tuple(happened.event for happened in history([order(0)]))


def test_a_change_is_recorded_with_its_instant_however_late() -> None:
    late = NOON + 40 * DAY
    given(*ORDERED).when(look(40), late).then(changed("new", "at_risk", 30, 1))


def test_what_was_recorded_is_not_recorded_again() -> None:
    known = changed("new", "at_risk", 30, 1)
    given(*ORDERED, known).when(look(41), NOON + 41 * DAY).then_nothing()


def test_what_is_not_true_yet_is_not_recorded() -> None:
    known = changed("new", "converted", 0, 1)
    given(*ORDERED, known).when(look(29), NOON + 29 * DAY).then_nothing()


def test_nobody_is_told_that_a_customer_is_new() -> None:
    looked = tuple(happened.event for happened in history([visit(0)]))
    given(*looked).when(look(1), NOON + DAY).then_nothing()


def test_a_host_whose_time_is_behind_sees_what_the_clock_saw() -> None:
    given(*ORDERED).when(look(30), NOON + 30 * DAY - timedelta(seconds=1)).then(
        changed("new", "at_risk", 30, 1)
    )


def test_a_stage_that_was_left_too_early_is_recorded_once_more() -> None:
    """The second order was cancelled: loyal is over, and converted true again."""
    cancelled = order(1, cancelled_at=NOON + 2 * DAY)
    past = tuple(happened.event for happened in history([order(0), order(1), cancelled]))
    noticed = (changed("new", "converted", 0, 1), changed("converted", "loyal", 1, 2))
    given(*past, *noticed).when(look(3), NOON + 3 * DAY).then(changed("loyal", "converted", 0, 3))


few = st.sampled_from
days = st.integers(-400, 400).map(lambda quarter: quarter / 4)
windows = st.tuples(st.integers(1, 60), st.integers(1, 60)).map(
    lambda two: LifecycleRules(two[0], two[0] + two[1])
)
visits = st.builds(visit, days, few("abc"))
looks = st.builds(on, days, st.just(RecordProductView(product_id="mug")))
bought = st.builds(order, days) | st.builds(order, days, cancelled_at=st.just(NOON))
lives = st.lists(visits | looks | bought, max_size=12)


@settings(deadline=None)
@drawn(lives, windows, days)
def test_a_stage_lasts_until_its_next_change_and_not_longer(
    life: list[Signal], rules: LifecycleRules, day: float
) -> None:
    profile, now = heard(life), NOON + day * DAY
    held, until = stage(profile, rules, now), next_change_at(profile, rules, now)
    for moment in _moments_between(now, until):
        assert stage(profile, rules, moment) == held
    if until is not None:
        assert until > now
        assert stage(profile, rules, until) != held
        assert standing(profile, rules, until).since == until


def _moments_between(now: datetime, until: datetime | None) -> list[datetime]:
    quarters = [now + quarter * DAY / 4 for quarter in range(1600)]
    held = [moment for moment in quarters if until is None or moment < until]
    return held if until is None else [*held, until - INSTANT]


@settings(deadline=None)
@drawn(lives, windows, days)
def test_it_is_what_the_words_say(life: list[Signal], rules: LifecycleRules, day: float) -> None:
    now = NOON + day * DAY
    past = [signal for signal in life if signal[1].occurred_at <= now]
    assert stage(heard(past), rules, now) == _in_words(past, rules, now)


def _in_words(past: list[Signal], rules: LifecycleRules, now: datetime) -> Stage:
    if not past:
        return "new"
    quiet = now - max(context.occurred_at for _, context in past)
    counting = {
        command.order_id
        for command, _ in past
        if isinstance(command, RecordOrder) and not _cancelled(command, past)
    }
    came = {command.visit_id for command, _ in past if isinstance(command, RecordVisit)}
    active: Stage = "engaged" if len(came) > 1 else "new"
    if counting:
        active = "loyal" if len(counting) > 1 else "converted"
    if quiet >= rules.churned_days * DAY:
        return "churned"
    return "at_risk" if active != "new" and quiet >= rules.at_risk_days * DAY else active


def _cancelled(order: RecordOrder, past: list[Signal]) -> bool:
    same = (c for c, _ in past if isinstance(c, RecordOrder) and c.order_id == order.order_id)
    return any(one.cancelled_at for one in same)


@settings(deadline=None)
@drawn(lives, windows, st.randoms(use_true_random=False))
def test_the_order_in_which_signals_come_changes_nothing(
    life: list[Signal], rules: LifecycleRules, random: Random
) -> None:
    shuffled = random.sample(life, len(life))
    assert runs(heard(shuffled), rules) == runs(heard(life), rules)


@settings(deadline=None)
@drawn(lives, windows, days)
def test_the_last_sign_of_life_alone_tells_the_stage_and_its_end(
    life: list[Signal], rules: LifecycleRules, day: float
) -> None:
    now = NOON + day * DAY
    profile = heard([signal for signal in life if signal[1].occurred_at <= now])
    sign, whole = last_sign(profile, now), standing(profile, rules, now)
    found = told(list(course(sign, rules)) if sign else [], now)
    assert (found.stage, found.next_change_at) == (whole.stage, whole.next_change_at)


noticed = st.builds(
    changed,
    before=few(["new", "loyal"]),
    to=few(["loyal", "at_risk"]),
    since=few([0.0, 1.0]),
    turn=st.integers(1, 3),
)


@drawn(st.lists(noticed, max_size=6), st.randoms(use_true_random=False))
def test_what_was_noticed_folds_to_the_same_in_any_order(
    past: list[StageChanged], random: Random
) -> None:
    twice = random.sample([*past, *past], 2 * len(past))
    assert _folded(twice) == _folded(past)


def _folded(past: list[StageChanged]) -> Lifecycle:
    held = Lifecycle()
    for event in past:
        held = evolve(held, event)
    return held


@settings(deadline=None)
@drawn(lives, windows, days)
def test_after_looking_once_there_is_nothing_to_do_until_the_next_change(
    life: list[Signal], rules: LifecycleRules, day: float
) -> None:
    now = NOON + day * DAY
    profile = _looked_at(life, rules, now)
    found = standing(profile, rules, now)
    assert due_at(found, profile.lifecycle.stage, now) == next_change_at(profile, rules, now)


def _looked_at(life: list[Signal], rules: LifecycleRules, now: datetime) -> Profile:
    looking = RecordStage(now, rules), Context(now, now, Source("rules"))
    return fold(history([*life, looking]))

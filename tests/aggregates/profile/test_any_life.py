"""Whatever a customer does: one stage at any instant, until the instant that was told before."""

from datetime import datetime
from random import Random

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.lifecycle import RecordStage
from aggregates.profile.decisions.orders import RecordOrder
from aggregates.profile.decisions.visits import RecordProductView, RecordVisit
from aggregates.profile.events.lifecycle import Stage
from aggregates.profile.lifecycle import (
    course,
    due_at,
    last_sign,
    next_change_at,
    runs,
    signs,
    stage,
    standing,
    told,
)
from aggregates.profile.profile import Profile, fold
from aggregates.profile.source import Source
from aggregates.shop.lifecycle_rules import LifecycleRules
from tests.aggregates.profile.lives import DAY, INSTANT, on, order, visit
from tests.aggregates.profile.signals import Signal, heard, history
from tests.given import NOON

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
    assert runs(signs(heard(shuffled)), rules) == runs(signs(heard(life)), rules)


@settings(deadline=None)
@drawn(lives, windows, days)
def test_the_last_sign_of_life_alone_tells_the_stage_and_its_end(
    life: list[Signal], rules: LifecycleRules, day: float
) -> None:
    now = NOON + day * DAY
    profile = heard([signal for signal in life if signal[1].occurred_at <= now])
    sign, whole = last_sign(signs(profile), now), standing(profile, rules, now)
    found = told(list(course(sign, rules)) if sign else [], now)
    assert (found.stage, found.next_change_at) == (whole.stage, whole.next_change_at)


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

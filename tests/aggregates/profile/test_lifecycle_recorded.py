"""A change of stage is recorded when somebody looks: what is true then, if it is news."""

from datetime import timedelta
from random import Random

from hypothesis import given as drawn
from hypothesis import strategies as st

from aggregates.profile.decisions.lifecycle import RecordStage
from aggregates.profile.events.lifecycle import Lifecycle, StageChanged, evolve
from tests.aggregates.profile.lives import DAY, RULES, changed, order, visit
from tests.aggregates.profile.signals import history
from tests.given import NOON, given

few = st.sampled_from


def look(day: float) -> RecordStage:
    return RecordStage(NOON + day * DAY, RULES)


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

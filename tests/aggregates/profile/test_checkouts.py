"""Checkouts: opened, left behind, completed, recovered."""

# ruff: noqa: S106  (tokens of carts and checkouts are no secrets)

from datetime import timedelta

import pytest
from msgspec.structs import replace

from aggregates.profile.decide import Command
from aggregates.profile.decisions.checkouts import RecordCheckout, RecordCheckoutDeletion
from aggregates.profile.events import checkouts
from aggregates.profile.events.checkouts import (
    ABANDONED_AFTER,
    MAX_CHECKOUTS,
    MAX_MOMENTS,
    Abandoned,
    Checkout,
    Completed,
    Deleted,
    Opened,
    Recovered,
    Updated,
    moments,
    status,
)
from aggregates.profile.events.orders import Placed
from aggregates.profile.money import Money
from tests.aggregates.profile.signals import CHECKOUT, HOUR, MINUTE, ORDER, after, heard, said
from tests.given import CONTEXT, NOON, given

TOTAL = Money(1990, "EUR")
OPENED = Opened(token="t1", started_at=NOON, total=TOTAL)
UPDATED = Updated(token="t1", started_at=NOON, total=TOTAL)
FROM_CHECKOUT = replace(ORDER, checkout_token="t1", items=())
PLACED = Placed(order_id="1001", placed_at=NOON, total=TOTAL, checkout_token="t1")


def checkout_after(*commands: Command) -> Checkout:
    return after(*commands).checkouts.by_token["t1"]


def touched(*minutes: int) -> Checkout:
    at = [replace(CONTEXT, occurred_at=NOON + minute * MINUTE) for minute in minutes]
    return heard([(CHECKOUT, context) for context in at]).checkouts.by_token["t1"]


def test_the_first_picture_opens_a_checkout() -> None:
    given().when(CHECKOUT).then(OPENED)


def test_a_later_picture_updates_it() -> None:
    given(OPENED).when(CHECKOUT, NOON + MINUTE).then(UPDATED)


def test_the_same_picture_is_recorded_once() -> None:
    given(OPENED).when(CHECKOUT).then_nothing()


def test_a_checkout_completes_with_its_order() -> None:
    at = NOON + MINUTE
    order, placed = replace(FROM_CHECKOUT, placed_at=at), replace(PLACED, placed_at=at)
    given(OPENED).when(order, at).then(placed, Completed("t1", NOON, at))


def test_a_checkout_that_is_heard_of_after_its_order_completes_at_once() -> None:
    given(PLACED).when(CHECKOUT, NOON + MINUTE).then(OPENED, Completed("t1", NOON, NOON))


def test_an_order_says_nothing_about_a_checkout_we_do_not_know() -> None:
    given().when(FROM_CHECKOUT).then(PLACED)


def test_a_completion_is_recorded_once() -> None:
    done = replace(CHECKOUT, completed_at=NOON)
    given(replace(OPENED, completed_at=NOON), Completed("t1", NOON, NOON)).when(done).then_nothing()


def test_a_checkout_ends_with_the_earliest_order_that_names_it() -> None:
    second = replace(FROM_CHECKOUT, order_id="1002", placed_at=NOON + MINUTE)
    done = after(FROM_CHECKOUT, second, CHECKOUT).checkouts.by_token["t1"]
    assert done.completed_at == NOON
    assert after(CHECKOUT, second, FROM_CHECKOUT).checkouts.by_token["t1"].completed_at == NOON


def test_a_checkout_can_be_abandoned_more_than_once() -> None:
    left = replace(CHECKOUT, abandoned=True)
    given(OPENED, Abandoned("t1", NOON)).when(left, NOON + MINUTE).then(
        replace(UPDATED, abandoned=True), Abandoned("t1", NOON)
    )


def test_an_earlier_completion_is_recorded_too() -> None:
    done = replace(CHECKOUT, completed_at=NOON)
    given(OPENED, Completed("t1", NOON, NOON + MINUTE)).when(done).then(
        replace(UPDATED, completed_at=NOON), Completed("t1", NOON, NOON)
    )


def test_a_checkout_untouched_for_an_hour_is_recovered_when_it_completes() -> None:
    at = NOON + ABANDONED_AFTER
    order, placed = replace(FROM_CHECKOUT, placed_at=at), replace(PLACED, placed_at=at)
    given(OPENED).when(order, at).then(placed, Recovered("t1", NOON, at))


def test_a_checkout_said_to_be_abandoned_is_recovered_when_it_completes() -> None:
    at = NOON + 2 * MINUTE
    given(OPENED, Abandoned("t1", NOON), at=NOON + MINUTE).when(
        replace(CHECKOUT, completed_at=at), at
    ).then(replace(UPDATED, completed_at=at), Recovered("t1", NOON, at))


def test_abandonment_is_recorded_when_somebody_says_so() -> None:
    given().when(replace(CHECKOUT, abandoned=True)).then(
        replace(OPENED, abandoned=True), Abandoned("t1", NOON)
    )


def test_a_deletion_is_recorded_once_even_before_the_checkout() -> None:
    given().when(RecordCheckoutDeletion(token="t1")).then(Deleted("t1"))
    given(Deleted("t1")).when(RecordCheckoutDeletion(token="t1")).then_nothing()


def test_a_deleted_checkout_does_not_stand() -> None:
    profile = after(CHECKOUT, replace(CHECKOUT, token="t2"), RecordCheckoutDeletion(token="t1"))
    assert set(checkouts.standing(profile.checkouts)) == {"t2"}


@pytest.mark.parametrize(
    ("minutes_later", "expected"), [(-1, "open"), (0, "open"), (59, "open"), (60, "abandoned")]
)
def test_a_checkout_grows_cold_in_an_hour(minutes_later: int, expected: str) -> None:
    assert status(touched(0), NOON + minutes_later * MINUTE) == expected


def test_every_touch_keeps_it_warm() -> None:
    assert status(touched(0, 50), NOON + 109 * MINUTE) == "open"
    assert status(touched(50, 0), NOON + 109 * MINUTE) == "open"
    assert status(touched(0, 50), NOON + 110 * MINUTE) == "abandoned"


def test_coming_back_opens_it_again() -> None:
    assert status(touched(0, 90), NOON + 70 * MINUTE) == "abandoned"
    assert status(touched(0, 90), NOON + 91 * MINUTE) == "open"


def test_what_is_said_to_be_abandoned_is_so_until_the_next_touch() -> None:
    left = after(CHECKOUT, replace(CHECKOUT, abandoned=True)).checkouts.by_token["t1"]
    assert status(left, NOON + 2 * MINUTE) == "abandoned"
    back = checkout_after(CHECKOUT, replace(CHECKOUT, abandoned=True), CHECKOUT)
    assert status(back, NOON + 3 * MINUTE) == "open"


def test_a_completed_checkout_stays_completed() -> None:
    done = checkout_after(CHECKOUT, replace(CHECKOUT, completed_at=NOON + MINUTE))
    assert status(done, NOON) == "open"
    assert status(done, NOON + 9 * HOUR) == "completed"


def test_a_pause_before_the_last_touch_makes_it_recovered() -> None:
    done = replace(CHECKOUT, completed_at=NOON + 95 * MINUTE)
    signals = [
        (CHECKOUT, replace(CONTEXT, occurred_at=NOON + 90 * MINUTE)),
        (done, replace(CONTEXT, occurred_at=NOON + 95 * MINUTE)),
    ]
    checkout = heard(signals).checkouts.by_token["t1"]
    assert status(checkout, NOON + 2 * HOUR) == "recovered"


def test_a_late_touch_can_show_that_it_was_never_abandoned() -> None:
    at = NOON + 90 * MINUTE
    done = (replace(CHECKOUT, completed_at=at), replace(CONTEXT, occurred_at=at))
    between = (CHECKOUT, replace(CONTEXT, occurred_at=NOON + 45 * MINUTE))
    assert status(heard([done]).checkouts.by_token["t1"], at) == "recovered"
    assert status(heard([done, between]).checkouts.by_token["t1"], at) == "completed"


def test_the_newest_checkouts_stay() -> None:
    started = [_nth(number) for number in range(MAX_CHECKOUTS + 2)]
    kept = {command.token for command in started[2:]}
    assert set(after(*started).checkouts.by_token) == kept
    assert set(after(*reversed(started)).checkouts.by_token) == kept


def test_the_newest_deletions_stay() -> None:
    gone = said(*(RecordCheckoutDeletion(token=f"t{n}") for n in range(MAX_CHECKOUTS + 2)))
    kept = {f"t{n}" for n in range(2, MAX_CHECKOUTS + 2)}
    assert set(heard(gone).checkouts.deleted) == kept
    assert set(heard(gone[::-1]).checkouts.deleted) == kept


def test_of_many_moments_the_earliest_and_the_very_last_stay() -> None:
    many = [NOON + timedelta(seconds=second) for second in range(MAX_MOMENTS + 9)]
    kept = (*many[: MAX_MOMENTS - 1], many[-1])
    assert moments((), *many) == kept
    assert moments(moments((), *many[30:]), *many[:30]) == kept
    assert moments(kept, many[3]) == kept


def _nth(number: int) -> RecordCheckout:
    return replace(CHECKOUT, token=f"t{number:03}", started_at=NOON + number * MINUTE)

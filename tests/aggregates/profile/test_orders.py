"""Orders: what is recorded, what counts, what it comes to."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from aggregates.profile.commerce import Bought, bought, counting
from aggregates.profile.decisions.orders import (
    RecordFulfillment,
    RecordOrder,
    RecordOrderDeletion,
    RecordOrderEdit,
    RecordReturn,
)
from aggregates.profile.events.orders import (
    Cancelled,
    Deleted,
    Edited,
    Fulfilled,
    Orders,
    Paid,
    ParcelMoved,
    Placed,
    Refunded,
    Returned,
    Updated,
    evolve,
)
from aggregates.profile.latest import Stamp
from aggregates.profile.money import Money, Price
from tests.aggregates.profile.signals import HOUR, MINUTE, MUG, ORDER, REFUND, after
from tests.given import NOON, given

PLACED = Placed(order_id="1001", placed_at=NOON, total=Money(1990, "EUR"), items=(MUG,))
UPDATED = Updated(order_id="1001", placed_at=NOON, total=Money(1990, "EUR"), items=(MUG,))


def orders_after(*commands: RecordOrder) -> Orders:
    return after(*commands).orders


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def nth(number: int, total: str = "10.00", unit: str = "EUR") -> RecordOrder:
    """The number-th order, placed so many hours after noon."""
    return replace(
        ORDER,
        order_id=f"100{number}",
        placed_at=NOON + number * HOUR,
        total=Price(total, unit),
    )


def test_the_first_picture_of_an_order_places_it() -> None:
    given().when(ORDER).then(PLACED)


def test_a_later_picture_updates_it() -> None:
    given(PLACED).when(ORDER, at=NOON + MINUTE).then(UPDATED)


def test_an_older_picture_is_kept_as_history() -> None:
    given(PLACED).when(ORDER, at=NOON - MINUTE).then(UPDATED)


def test_the_same_picture_of_the_same_moment_is_recorded_once() -> None:
    given(PLACED).when(ORDER).then_nothing()


def test_a_picture_of_the_same_moment_with_other_lines_is_recorded() -> None:
    given(PLACED).when(replace(ORDER, items=())).then(replace(UPDATED, items=()))


@pytest.mark.parametrize("status", ["paid", "PAID", "partially_refunded", "refunded"])
def test_an_order_shown_as_paid_or_given_back_was_paid(status: str) -> None:
    given(PLACED).when(replace(ORDER, financial_status=status)).then(
        replace(UPDATED, financial_status=status.lower()), Paid("1001")
    )


@pytest.mark.parametrize("status", ["pending", "authorized", "partially_paid", None])
def test_other_orders_were_not(status: str | None) -> None:
    given().when(replace(ORDER, financial_status=status)).then(
        replace(PLACED, financial_status=status)
    )


def test_payment_is_not_news_twice() -> None:
    paid = replace(ORDER, financial_status="paid")
    given(replace(PLACED, financial_status="paid"), Paid("1001")).when(paid, NOON + HOUR).then(
        replace(UPDATED, financial_status="paid")
    )


def test_payment_is_news_again_when_it_turns_out_to_be_earlier() -> None:
    paid = replace(ORDER, financial_status="paid")
    given(replace(PLACED, financial_status="paid"), Paid("1001")).when(paid, NOON - HOUR).then(
        replace(UPDATED, financial_status="paid"), Paid("1001")
    )


def test_an_order_can_be_fulfilled() -> None:
    given().when(replace(ORDER, fulfillment_status="fulfilled")).then(
        replace(PLACED, fulfillment_status="fulfilled"), Fulfilled("1001")
    )


def test_fulfilment_is_news_again_when_it_turns_out_to_be_earlier() -> None:
    sent = replace(ORDER, fulfillment_status="fulfilled")
    given(Fulfilled("1001")).when(sent, NOON + HOUR).then(
        replace(PLACED, fulfillment_status="fulfilled")
    )
    given(Fulfilled("1001")).when(sent, NOON - HOUR).then(
        replace(PLACED, fulfillment_status="fulfilled"), Fulfilled("1001")
    )


def test_an_order_sent_in_part_is_not_fulfilled() -> None:
    given().when(replace(ORDER, fulfillment_status="partial")).then(
        replace(PLACED, fulfillment_status="partial")
    )


def test_an_order_can_be_cancelled() -> None:
    at = NOON + HOUR
    given().when(replace(ORDER, cancelled_at=at, cancel_reason="fraud")).then(
        replace(PLACED, cancelled_at=at, cancel_reason="fraud"), Cancelled("1001", at, "fraud")
    )


def test_a_refund_may_come_before_its_order() -> None:
    given().when(REFUND).then(Refunded("1001", "r1", eur(500)))


def test_a_refund_is_recorded_once() -> None:
    given(Refunded("1001", "r1", eur(500))).when(REFUND).then_nothing()


def test_a_corrected_refund_is_recorded() -> None:
    given(Refunded("1001", "r1", eur(500))).when(
        replace(REFUND, amount=Price("6", "EUR")), NOON + HOUR
    ).then(Refunded("1001", "r1", eur(600)))


def test_a_return_may_not_say_which_order_it_is_of() -> None:
    given().when(RecordReturn(return_id="7", status="requested")).then(Returned("7", "requested"))


def test_a_return_that_only_changed_its_lines_stands_where_it_stood() -> None:
    stands = evolve(Orders(), Returned("7", "closed", "1001"), Stamp(NOON))
    assert evolve(stands, Returned("7", "updated"), Stamp(NOON + HOUR)) == stands


def test_each_status_of_a_return_is_recorded() -> None:
    given(Returned("7", "requested")).when(RecordReturn(return_id="7", status="closed")).then(
        Returned("7", "closed")
    )


def test_a_parcel_is_recorded_once_a_status() -> None:
    parcel = RecordFulfillment(order_id="1001", fulfillment_id="f1", status="SUCCESS")
    moved = ParcelMoved("1001", "f1", "success")
    given().when(parcel).then(moved)
    given(moved).when(parcel).then_nothing()


def test_an_edit_is_recorded_once() -> None:
    edit = RecordOrderEdit(order_id="1001", edit_id="e1", lines_added=1)
    given().when(edit).then(Edited("1001", "e1", 1))
    given(Edited("1001", "e1", 1)).when(edit, NOON + HOUR).then_nothing()


def test_a_deletion_is_recorded_once() -> None:
    given().when(RecordOrderDeletion(order_id="1001")).then(Deleted("1001"))
    given(Deleted("1001")).when(RecordOrderDeletion(order_id="1001")).then_nothing()


@pytest.mark.parametrize(
    "changed",
    [
        replace(ORDER, test=True),
        replace(ORDER, financial_status="voided"),
        replace(ORDER, cancelled_at=NOON),
    ],
)
def test_test_voided_and_cancelled_orders_do_not_count(changed: RecordOrder) -> None:
    assert bought(orders_after(changed)).order_count == 0


def test_a_deleted_order_does_not_count_whenever_the_deletion_is_heard_of() -> None:
    deletion = RecordOrderDeletion(order_id="1001")
    assert bought(after(ORDER, deletion).orders).order_count == 0
    assert bought(after(deletion, ORDER).orders).order_count == 0


def test_a_cancellation_is_never_taken_back() -> None:
    assert bought(orders_after(replace(ORDER, cancelled_at=NOON), ORDER)).order_count == 0


def test_the_newest_picture_wins() -> None:
    assert bought(orders_after(ORDER, replace(ORDER, total=Price("25", "EUR")))).gross == eur(2500)


def test_sums_of_the_orders_that_count() -> None:
    orders = after(nth(1, "10.00"), nth(2, "20.01"), replace(nth(3), test=True), REFUND).orders
    assert bought(orders).order_count == 2
    assert bought(orders).gross == eur(3001)
    assert bought(orders).refunded == eur(500)
    assert bought(orders).lifetime_spend == eur(2501)
    assert bought(orders).average_order_value == eur(1501)  # 15.005, half away from zero


def test_a_refund_of_an_unseen_order_counts() -> None:
    orders = after(REFUND).orders
    assert bought(orders).refunded == eur(500)
    assert bought(orders).lifetime_spend == eur(-500)


def test_a_refund_of_an_order_that_does_not_count_does_not_either() -> None:
    orders = after(nth(2), replace(ORDER, cancelled_at=NOON), REFUND).orders
    assert bought(orders).refunded == eur(0)
    assert bought(orders).lifetime_spend == eur(1000)


def test_without_orders_there_is_nothing_to_sum() -> None:
    sums = bought(Orders())
    assert sums == Bought(counting=[])
    assert (sums.first_order, sums.last_order, sums.lifetime_spend) == (None, None, None)


def test_sums_are_in_the_currency_of_the_last_order_that_counts() -> None:
    orders = orders_after(nth(1, "10.00", "USD"), nth(2, "7.00"), nth(3, "8.00"))
    assert bought(orders).currency == "EUR"
    assert bought(orders).gross == eur(1500)
    assert bought(orders).average_order_value == eur(750)
    assert bought(orders).order_count == 3


def test_orders_are_in_the_order_of_their_placing() -> None:
    orders = orders_after(nth(3), nth(1), nth(2))
    assert [picture.order_id for picture in counting(orders)] == ["1001", "1002", "1003"]
    first, last = bought(orders).first_order, bought(orders).last_order
    assert first is not None
    assert first.order_id == "1001"
    assert last is not None
    assert last.order_id == "1003"


def test_orders_are_counted_by_channel() -> None:
    orders = orders_after(nth(1), nth(2), replace(nth(3), channel="pos"))
    assert bought(orders).count_by_channel == {"online": 2, "pos": 1}


def test_the_first_order_says_where_the_customer_was_won() -> None:
    later = replace(nth(2), acquisition_channel="newsletter")
    assert bought(orders_after(later)).acquisition_channel == "newsletter"
    assert bought(orders_after(later, replace(nth(1), channel="pos"))).acquisition_channel == "pos"
    assert bought(Orders()).acquisition_channel is None


@pytest.mark.parametrize("at", [NOON - HOUR, NOON, NOON + HOUR])
def test_the_earliest_cancellation_stays(at: datetime) -> None:
    first, again = replace(ORDER, cancelled_at=NOON), replace(ORDER, cancelled_at=at)
    assert orders_after(first, again).by_id["1001"].cancelled_at == min(NOON, at)

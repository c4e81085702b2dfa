"""Visits: pages, products, carts, checkout steps, searches."""

# ruff: noqa: S106  (tokens of carts and checkouts are no secrets)

import msgspec
import pytest
from msgspec.structs import replace

from aggregates.profile.decide import Command
from aggregates.profile.decisions.orders import MAX_ITEMS
from aggregates.profile.decisions.visits import (
    RecordCart,
    RecordCheckoutStep,
    RecordProductView,
    RecordSearch,
    RecordVisit,
)
from aggregates.profile.events import visits
from aggregates.profile.events.visits import (
    MAX_CARTS,
    CartUpdated,
    CheckoutStepReached,
    PageSeen,
    ProductViewed,
    Searched,
    Started,
    visit_count,
)
from aggregates.profile.items import Item
from aggregates.profile.money import Money, Price
from aggregates.profile.profile import Profile
from tests.aggregates.profile.signals import HOUR, MINUTE, MUG, after, heard, said
from tests.given import CONTEXT, NOON, given

VISIT = RecordVisit(visit_id="v1", landing_page="/mugs", referrer="https://a.example")
CART = RecordCart(cart_token="c1", items=(MUG,), total=Price("19.90", "EUR"))
CART_UPDATED = CartUpdated("c1", (MUG,), Money(1990, "EUR"))


def test_the_first_page_starts_a_visit() -> None:
    given().when(VISIT).then(
        Started(visit_id="v1", landing_page="/mugs", referrer="https://a.example")
    )


def test_more_pages_of_it_are_seen() -> None:
    given(Started(visit_id="v1")).when(replace(VISIT, referrer=None), NOON + MINUTE).then(
        PageSeen(visit_id="v1", page="/mugs")
    )


def test_a_page_of_another_visit_starts_that_one() -> None:
    given(Started(visit_id="v1")).when(RecordVisit(visit_id="v2", campaign="autumn")).then(
        Started(visit_id="v2", campaign="autumn")
    )


def test_a_look_at_a_product_is_recorded() -> None:
    price = Price("9.95", "EUR")
    given().when(RecordProductView(product_id="mug", price=price, visit_id="v1")).then(
        ProductViewed("mug", price=price, visit_id="v1")
    )


def test_a_step_of_a_checkout_is_recorded() -> None:
    given().when(RecordCheckoutStep(checkout_token="t1", step="payment")).then(
        CheckoutStepReached("t1", "payment")
    )


def test_a_search_is_recorded() -> None:
    given().when(RecordSearch(query="blue mug")).then(Searched("blue mug"))


def test_a_cart_is_recorded_as_it_stood() -> None:
    given().when(CART).then(CART_UPDATED)


def test_the_same_picture_of_a_cart_is_recorded_once() -> None:
    given(CART_UPDATED).when(CART).then_nothing()


def test_a_later_picture_of_a_cart_is_recorded_even_if_nothing_changed() -> None:
    given(CART_UPDATED).when(CART, NOON + MINUTE).then(CART_UPDATED)


def test_the_same_cart_in_another_visit_is_recorded() -> None:
    given(CART_UPDATED).when(replace(CART, visit_id="v1")).then(
        replace(CART_UPDATED, visit_id="v1")
    )


def test_the_newest_picture_of_a_cart_wins() -> None:
    carts = heard(said(CART, replace(CART, items=()))[::-1]).visits.carts
    assert carts["c1"].value.quantity == 0


@pytest.mark.parametrize(
    "signal",
    [
        VISIT,
        RecordProductView(product_id="mug", visit_id="v1"),
        replace(CART, visit_id="v1"),
        RecordCheckoutStep(checkout_token="t1", step="payment", visit_id="v1"),
        RecordSearch(query="blue mug", visit_id="v1"),
    ],
)
def test_whatever_is_done_in_a_visit_belongs_to_it(signal: Command) -> None:
    state = after(VISIT, signal).visits
    assert visit_count(state) == 1
    assert (state.first_at, state.last_at) == (NOON, NOON + MINUTE)
    assert state.last_seen == {"v1": NOON + MINUTE}


def test_first_and_last_moments_do_not_depend_on_arrival() -> None:
    signals = said(VISIT, RecordSearch(query="mug"), VISIT)
    assert heard(signals[::-1]).visits == heard(signals).visits


def test_the_visits_seen_last_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "MAX_VISITS", 2)
    signals = said(*(RecordVisit(visit_id=visit) for visit in ("v1", "v2", "v3", "v1")))
    assert set(heard(signals).visits.last_seen) == {"v1", "v3"}
    assert heard(signals[::-1]).visits == heard(signals).visits


def test_of_visits_seen_last_at_one_moment_the_greater_ids_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(visits, "MAX_VISITS", 2)
    signals = [(RecordVisit(visit_id=visit), CONTEXT) for visit in ("v3", "v1", "v2")]
    assert set(heard(signals).visits.last_seen) == {"v2", "v3"}


def test_the_newest_carts_stay() -> None:
    tokens = [f"c{n:02}" for n in reversed(range(MAX_CARTS + 2))]
    signals = said(*(replace(CART, cart_token=token) for token in tokens))
    kept = set(tokens[2:])
    assert set(heard(signals).visits.carts) == kept
    assert set(heard(signals[::-1]).visits.carts) == kept


def test_an_old_page_does_not_make_the_last_visit_older() -> None:
    state = heard(said(VISIT, VISIT)[::-1]).visits
    assert state.last_at == NOON + MINUTE
    assert state.first_at == NOON
    assert state.last_at - state.first_at < HOUR


def test_the_fullest_cart_still_packs_into_64_bits() -> None:
    most = Item(quantity=1_000_000_000)
    fullest = RecordCart(cart_token="c1", items=(most,) * MAX_ITEMS)
    packed = msgspec.msgpack.encode(after(fullest))
    assert msgspec.msgpack.decode(packed, type=Profile) == after(fullest)
    with pytest.raises(msgspec.ValidationError, match="quantity"):
        msgspec.convert({"quantity": most.quantity + 1}, Item)

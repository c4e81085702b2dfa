"""Claims: what an event makes its profile the owner of."""

# ruff: noqa: S106  (tokens of carts and checkouts are no secrets)

import pytest

from aggregates.profile.claims import claims_of
from aggregates.profile.events import checkouts, drafts, orders, visits
from aggregates.profile.events.identity import Linked
from aggregates.profile.identifiers import Identifier
from aggregates.profile.money import Money
from aggregates.profile.profile import Event
from tests.given import NOON

TEN = Money(1000, "EUR")
MAIL = Identifier("email", "ada@mail.example")


@pytest.mark.parametrize(
    ("event", "claimed"),
    [
        (Linked((MAIL,), "api"), [MAIL]),
        (orders.Placed(order_id="1", placed_at=NOON, total=TEN), [Identifier("order", "1")]),
        (orders.Updated(order_id="1", placed_at=NOON, total=TEN), [Identifier("order", "1")]),
        (orders.Returned("7", "open", "1"), [Identifier("return", "7")]),
        (checkouts.Opened(token="t", started_at=NOON), [Identifier("checkout", "t")]),
        (
            checkouts.Opened(token="t", started_at=NOON, cart_token="c"),
            [Identifier("checkout", "t"), Identifier("cart", "c")],
        ),
        (
            drafts.Opened(draft_id="d", created_at=NOON, status="open", total=TEN),
            [Identifier("draft", "d")],
        ),
        (visits.CartUpdated("c"), [Identifier("cart", "c")]),
        (orders.Paid("1"), []),
        (visits.Searched("mug"), []),
    ],
)
def test_an_event_claims_what_it_is_about(event: Event, claimed: list[Identifier]) -> None:
    assert list(claims_of(event)) == claimed

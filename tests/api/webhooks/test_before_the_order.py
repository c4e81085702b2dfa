"""Carts, checkouts and drafts."""

import pytest

from aggregates.profile.decisions.checkouts import RecordCheckout, RecordCheckoutDeletion
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.drafts import RecordDraftDeletion, RecordDraftOrder
from aggregates.profile.decisions.visits import RecordCart
from aggregates.profile.money import Price
from api.webhooks.shopify.refusals import Untranslatable
from tests.api.webhooks.said import (
    CART,
    CHECKOUT,
    DRAFT,
    command_of,
    known_by,
    moment_of,
    told,
    utc,
)

CART_TOKEN = "68778783ad298f1c80c3bafcddeea02f"  # noqa: S105 - a name, not a secret
CHECKOUT_TOKEN = "bd5a8aa1ecd019dd3520ff791ee3a24c"  # noqa: S105


def test_a_checkout_is_known_by_its_token_with_or_without_an_id() -> None:
    signal = told("checkouts/create", CHECKOUT)
    assert command_of(signal, RecordCheckout).token == CHECKOUT_TOKEN
    assert told("checkouts/create", CHECKOUT | {"id": 5}).steps == signal.steps
    assert known_by(signal) == {
        "email:ada@lane.shop",
        f"checkout:{CHECKOUT_TOKEN}",
        f"cart:{CART_TOKEN}",
    }


def test_a_checkout_is_recorded_as_it_stood_when_it_was_updated() -> None:
    signal = told("checkouts/update", CHECKOUT | {"completed_at": "2026-11-20T09:00:00Z"})
    checkout = command_of(signal, RecordCheckout)
    assert checkout.started_at == utc("2026-11-20T08:50:00")
    assert checkout.completed_at == utc("2026-11-20T09:00:00")
    assert checkout.total == Price("120.00", "EUR")
    assert moment_of(signal, RecordCheckout) == utc("2026-11-20T08:55:00")
    assert moment_of(signal, SetContact) == utc("2026-11-20T08:55:00")


def test_a_checkout_nobody_signed_says_nothing_of_contact() -> None:
    signal = told("checkouts/create", CHECKOUT | {"email": None})
    assert [type(step.command) for step in signal.steps] == [RecordCheckout]


def test_a_checkout_without_token_is_refused() -> None:
    with pytest.raises(Untranslatable, match=r"^\$\.token: expected a token$"):
        told("checkouts/create", CHECKOUT | {"token": None})


def test_a_deleted_checkout_finds_its_owner_through_its_cart() -> None:
    signal = told("checkouts/delete", {"id": 981820079255243537, "cart_token": CART_TOKEN})
    assert command_of(signal, RecordCheckoutDeletion).token == "981820079255243537"  # noqa: S105
    assert f"cart:{CART_TOKEN}" in known_by(signal)
    assert not signal.creates


def test_a_deleted_checkout_that_names_its_token_is_that_checkout() -> None:
    signal = told("checkouts/delete", {"id": 5, "token": CHECKOUT_TOKEN})
    assert command_of(signal, RecordCheckoutDeletion).token == CHECKOUT_TOKEN


def test_a_cart_is_known_without_the_key_that_opens_it() -> None:
    signal = told("carts/update", CART)
    cart = command_of(signal, RecordCart)
    assert cart.cart_token == CART_TOKEN
    assert known_by(signal) == {f"cart:{CART_TOKEN}"}
    assert signal.creates


def test_a_cart_is_worth_the_sum_of_its_lines() -> None:
    two = {**CART, "line_items": CART["line_items"] * 2}
    assert command_of(told("carts/create", two), RecordCart).total == Price("250.0", "EUR")


def test_a_cart_with_a_line_of_unknown_price_has_no_total() -> None:
    half = {**CART, "line_items": [*CART["line_items"], {"quantity": 1}]}
    assert command_of(told("carts/create", half), RecordCart).total is None


def test_a_draft_leads_to_the_customer_and_to_the_order_it_became() -> None:
    done = {"status": "completed", "order_id": 5, "completed_at": "2026-11-19T12:00:00Z"}
    signal = told("draft_orders/update", DRAFT | done)
    draft = command_of(signal, RecordDraftOrder)
    assert (draft.draft_id, draft.status, draft.order_id) == (
        "890612572568261625",
        "completed",
        "5",
    )
    assert draft.completed_at == utc("2026-11-19T12:00:00")
    assert known_by(signal) == {
        "shopify_customer_id:7064055069303784",
        "email:ada@lane.shop",
        "order:5",
        "draft:890612572568261625",
    }


def test_details_in_a_draft_are_as_old_as_the_draft() -> None:
    assert moment_of(told("draft_orders/update", DRAFT), SetContact) == utc("2026-11-19T09:00:00")


def test_a_deleted_draft_leads_to_its_owner() -> None:
    signal = told("draft_orders/delete", {"id": 5})
    assert command_of(signal, RecordDraftDeletion).draft_id == "5"
    assert (known_by(signal), signal.creates) == ({"draft:5"}, False)

"""Refunds: what was confirmed as paid back, in the shop's money."""

from typing import Any

import pytest

from aggregates.profile.decisions.orders import RecordRefund
from aggregates.profile.money import Price
from api.webhooks.shopify.refusals import Untranslatable
from tests.api.webhooks.said import ORDER, REFUND, Json, command_of, known_by, moment_of, told, utc

EUR_100_IS_JPY_15000: Json = {
    "shop_money": {"amount": "100.00", "currency_code": "EUR"},
    "presentment_money": {"amount": "15000", "currency_code": "JPY"},
}


def refund(**changed: Any) -> RecordRefund:
    return command_of(told("refunds/create", REFUND | changed), RecordRefund)


def paid_back(amount: object, currency: str | None) -> list[Json]:
    return [{"kind": "refund", "status": "success", "amount": amount, "currency": currency}]


def test_only_successful_refunds_add_up() -> None:
    assert refund().amount == Price("60.00", "EUR")


def test_a_refund_leads_to_the_owner_of_its_order() -> None:
    signal = told("refunds/create", REFUND)
    assert (known_by(signal), signal.creates) == ({"order:820982911946154508"}, False)
    assert signal.occurred_at == utc("2026-11-21T08:00:00")


def test_goods_taken_back_without_money_are_a_refund_of_nothing() -> None:
    returned = refund(transactions=[])
    assert returned.amount == Price("0", "EUR")
    assert returned.items[0].quantity == 1


def test_money_paid_back_in_the_buyers_currency_is_converted_at_the_refunds_own_rate() -> None:
    converted = refund(
        refund_line_items=[{"quantity": 1, "subtotal_set": EUR_100_IS_JPY_15000}],
        transactions=paid_back("10000", "JPY"),
    )
    assert converted.amount == Price("66.67", "EUR")
    assert converted.presentment_amount == Price("10000", "JPY")


def test_a_refund_within_its_order_is_the_refund_that_came_alone() -> None:
    within = told("orders/updated", ORDER | {"refunds": [REFUND]})
    alone = told("refunds/create", REFUND)
    assert command_of(within, RecordRefund) == command_of(alone, RecordRefund)
    assert moment_of(within, RecordRefund) == moment_of(alone, RecordRefund)


def test_a_refund_without_sums_borrows_the_rate_of_its_order() -> None:
    bare = {"id": 5, "transactions": paid_back("150", "JPY")}
    within = told("orders/updated", ORDER | {"refunds": [bare]})
    assert command_of(within, RecordRefund).amount == Price("1.00", "EUR")


def test_without_any_rate_a_foreign_refund_waits_for_a_person() -> None:
    zero = {"shop_money": {"amount": "0", "currency_code": "EUR"}}
    with pytest.raises(Untranslatable, match="expected sums in the transactions' currency"):
        refund(
            refund_line_items=[],
            total_duties_set=zero | {"presentment_money": {"amount": "0", "currency_code": "JPY"}},
            transactions=paid_back("150", "JPY"),
        )


def test_a_refund_that_names_no_currency_at_all_is_refused() -> None:
    with pytest.raises(Untranslatable, match="currency: expected an ISO 4217 currency"):
        refund(refund_line_items=[], transactions=paid_back("150", None))


def test_a_transaction_without_a_readable_amount_is_refused() -> None:
    with pytest.raises(Untranslatable, match=r"amount: expected a decimal amount"):
        refund(transactions=paid_back("a lot", "EUR"))


def test_a_confirmation_that_comes_later_is_later_news() -> None:
    late = paid_back("60.00", "EUR")
    late[0]["processed_at"] = "2026-11-21T11:00:00Z"
    assert told("refunds/create", REFUND | {"transactions": late}).occurred_at == utc(
        "2026-11-21T11:00:00"
    )


def test_a_refund_refused_within_its_order_names_its_place_there() -> None:
    with pytest.raises(Untranslatable, match=r"^\$\.refunds\[\.\.\.\]\.id: expected"):
        told(
            "orders/updated",
            ORDER | {"refunds": [REFUND | {"id": None, "admin_graphql_api_id": ""}]},
        )


def test_a_refund_without_order_is_refused() -> None:
    with pytest.raises(Untranslatable, match=r"^\$\.order_id: expected"):
        refund(order_id=None)

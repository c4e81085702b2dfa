"""Orders, as their shop pictures them, and what happens to them later."""

from typing import Any

import pytest

from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.orders import (
    Item,
    RecordFulfillment,
    RecordOrder,
    RecordOrderDeletion,
    RecordOrderEdit,
    RecordReturn,
)
from aggregates.profile.events.contact import Address
from aggregates.profile.money import Price
from api.webhooks.shopify.refusals import Untranslatable
from tests.api.webhooks.said import (
    EDIT,
    FULFILLMENT,
    ORDER,
    RECEIVED,
    RETURN,
    TRIGGERED,
    command_of,
    known_by,
    moment_of,
    told,
    utc,
)

HOME = Address(
    name="Ada Lane",
    line1="1 Mill Lane",
    city="Ghent",
    region="VOV",
    postcode="9000",
    country="BE",
    phone="09 123 45 67",
)


def order(**changed: Any) -> RecordOrder:
    return command_of(told("orders/updated", ORDER | changed), RecordOrder)


def test_an_order_is_recorded_in_the_shops_money_and_the_buyers() -> None:
    assert order() == RecordOrder(
        order_id="820982911946154508",
        placed_at=utc("2026-11-20T09:00:00"),
        total=Price("120.00", "EUR"),
        number="#1001",
        presentment_total=Price("18000", "JPY"),
        discount_total=Price("5.00", "EUR"),
        discount_codes=("WELCOME5",),
        financial_status="paid",
        channel="online",
        source_name="web",
        acquisition_channel="google",
        checkout_token="bd5a8aa1ecd019dd3520ff791ee3a24c",  # noqa: S106 - a name, not a secret
        cart_token="68778783ad298f1c80c3bafcddeea02f",  # noqa: S106
        items=(
            Item(
                quantity=2,
                product_id="632910392",
                variant_id="39072856",
                sku="LAMP-1",
                title="Lamp",
                price=Price("62.50", "EUR"),
            ),
        ),
    )


def test_a_buyer_is_recognised_by_account_addresses_and_what_led_to_the_order() -> None:
    assert known_by(told("orders/create", ORDER)) == {
        "shopify_customer_id:7064055069303784",
        "email:ada@lane.shop",
        "phone:+32470123456",
        "order:820982911946154508",
        "checkout:bd5a8aa1ecd019dd3520ff791ee3a24c",
        "cart:68778783ad298f1c80c3bafcddeea02f",
    }


def test_an_orders_email_and_the_accounts_are_both_identifiers() -> None:
    signal = told("orders/create", ORDER | {"email": "Ada.At.Work@lane.shop"})
    assert {"email:ada.at.work@lane.shop", "email:ada@lane.shop"} <= known_by(signal)
    assert command_of(signal, SetContact).email == "ada.at.work@lane.shop"


def test_a_phone_in_an_address_recognises_nobody() -> None:
    there = ORDER["shipping_address"] | {"phone": "+32470999999"}
    signal = told("orders/create", ORDER | {"phone": None, "shipping_address": there})
    assert not any(known.startswith("phone:") for known in known_by(signal))


def test_a_sale_over_the_counter_is_known_by_the_order_alone() -> None:
    sale = {
        "id": 1,
        "email": "",
        "phone": None,
        "customer": None,
        "total_price": "3.00",
        "currency": "EUR",
        "source_name": "pos",
        "location_id": 48752903,
        "updated_at": "2026-11-20T10:00:00Z",
    }
    signal = told("orders/create", sale)
    assert known_by(signal) == {"order:1"}
    assert signal.creates
    assert [type(step.command) for step in signal.steps] == [RecordOrder]
    assert command_of(signal, RecordOrder).channel == "pos"
    assert command_of(signal, RecordOrder).location_id == "48752903"


def test_contact_details_are_as_old_as_the_order_because_updates_only_repeat_them() -> None:
    signal = told("orders/updated", ORDER)
    assert moment_of(signal, SetContact) == utc("2026-11-20T09:00:05")
    assert moment_of(signal, RecordOrder) == signal.occurred_at == utc("2026-11-20T10:30:00")


def test_contact_details_name_the_account_and_both_addresses() -> None:
    assert command_of(told("orders/create", ORDER), SetContact) == SetContact(
        email="ada@lane.shop",
        phone="+32470123456",
        first_name="Ada",
        last_name="Lane",
        company="Lane & Co",
        locale="nl-BE",
        shipping=HOME,
        billing=HOME,
    )


def test_a_malformed_email_is_left_out() -> None:
    customer = ORDER["customer"] | {"email": None}
    changed = {"email": "ada at lane", "contact_email": None, "customer": customer}
    assert command_of(told("orders/create", ORDER | changed), SetContact).email is None


def test_without_its_own_time_an_order_is_as_new_as_its_delivery() -> None:
    undated = ORDER | {"updated_at": None}
    assert moment_of(told("orders/updated", undated), RecordOrder) == TRIGGERED
    late = told("orders/updated", undated, triggered_at=None)
    assert moment_of(late, RecordOrder) == RECEIVED


def test_a_cancelled_voided_test_order_says_all_three() -> None:
    cancelled = order(
        cancelled_at="2026-11-20T12:00:00Z",
        cancel_reason="customer",
        financial_status="voided",
        test=True,
    )
    assert cancelled.cancelled_at == utc("2026-11-20T12:00:00")
    assert (cancelled.cancel_reason, cancelled.financial_status) == ("customer", "voided")
    assert cancelled.test


def test_without_money_bags_the_plain_total_is_in_the_orders_currency() -> None:
    plain = order(total_price_set=None, total_price=99.5)
    assert plain.total == Price("99.5", "EUR")
    assert plain.presentment_total is None


@pytest.mark.parametrize(
    ("written", "read"),
    [(120, "120"), ("1e2", "100.000000"), ("120.1234567", "120.123457"), ("-1.5", "-1.5")],
)
def test_amounts_come_as_texts_and_as_numbers(written: object, read: str) -> None:
    assert order(total_price_set=None, total_price=written).total == Price(read, "EUR")


@pytest.mark.parametrize(
    "written", [None, "", "free", "1e99", 10**15, "NaN", "9999999999999.9999999"]
)
def test_an_order_without_a_readable_total_is_refused_by_name(written: object) -> None:
    with pytest.raises(Untranslatable, match=r"^\$\.total_price: expected a decimal amount"):
        order(total_price_set=None, total_price=written)


@pytest.mark.parametrize("code", [None, "", "XXX", "Euro", "€€€"])
def test_an_order_without_a_currency_is_refused(code: object) -> None:
    with pytest.raises(Untranslatable, match=r"\$\.currency"):
        order(total_price_set=None, currency=code)


@pytest.mark.parametrize(
    ("id_", "gid", "read"),
    [
        (5, None, "5"),
        ("5", None, "5"),
        (820982911946154500, "gid://shopify/Order/820982911946154508", "820982911946154508"),
        (5, "https://www.example.com/6", "5"),
        (None, "gid://shopify/Order/6", "6"),
        (18446744073709551615, "", "18446744073709551615"),
    ],
)
def test_the_gid_wins_over_the_id_that_may_be_rounded(id_: object, gid: object, read: str) -> None:
    assert order(id=id_, admin_graphql_api_id=gid).order_id == read


@pytest.mark.parametrize("id_", [None, 0, -1, "", "abc", 10**25])
def test_an_order_without_an_id_is_refused(id_: object) -> None:
    with pytest.raises(Untranslatable, match=r"^\$\.id: expected a positive 64-bit id$"):
        order(id=id_, admin_graphql_api_id=None)


@pytest.mark.parametrize("moment", ["soon", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-05:00"])
@pytest.mark.parametrize("member", ["updated_at", "created_at", "cancelled_at"])
def test_a_moment_that_never_was_is_refused_by_name(member: str, moment: str) -> None:
    with pytest.raises(Untranslatable, match=rf"^\$\.{member}: expected an ISO 8601 instant$"):
        order(**{member: moment})


@pytest.mark.parametrize(
    ("member", "wrong"),
    [
        ("shipping_address", [ORDER["shipping_address"]]),
        ("customer", [1]),
        ("customer", "Ada"),
        ("line_items", {"a": 1}),
        ("email", 5),
        ("total_price_set", []),
    ],
)
def test_a_wrong_type_is_refused_by_name_and_without_its_value(member: str, wrong: object) -> None:
    with pytest.raises(Untranslatable) as refused:
        order(**{member: wrong})
    assert refused.value.detail.startswith(f"$.{member}")
    assert "Ada" not in refused.value.detail


def test_what_we_do_not_read_may_be_anything() -> None:
    assert order(note=[[{}]], client_details="?", tax_lines=5, tags=None, token={}) == order()


def test_an_empty_object_may_come_as_an_empty_array() -> None:
    signal = told("orders/create", ORDER | {"shipping_address": [], "customer": []})
    assert command_of(signal, SetContact).shipping is None


def test_texts_are_trimmed_cut_and_free_of_nul() -> None:
    named = order(name=" #1\u0000 ", cancel_reason="x" * 300)
    assert named.number == "#1"
    assert named.cancel_reason == "x" * 255


def test_a_token_too_long_to_be_one_is_dropped() -> None:
    assert order(checkout_token="x" * 256).checkout_token is None


def test_of_too_many_lines_the_first_thousand_are_kept() -> None:
    assert len(order(line_items=ORDER["line_items"] * 1_001).items) == 1_000


def test_an_orders_own_tags_are_not_the_customers() -> None:
    customer = ORDER["customer"] | {"tags": "vip"}
    signal = told("orders/create", ORDER | {"tags": "rush", "customer": customer})
    assert command_of(signal, SetContact).tags is None


def test_an_edit_counts_the_lines_that_came_and_went() -> None:
    signal = told("orders/edited", EDIT)
    assert command_of(signal, RecordOrderEdit) == RecordOrderEdit(
        order_id="820982911946154508", edit_id="78912328793123780", lines_added=1
    )
    assert signal.occurred_at == utc("2026-11-20T13:00:00")
    assert not signal.creates


def test_a_deleted_order_leads_to_its_owner() -> None:
    signal = told("orders/delete", {"id": 5})
    assert command_of(signal, RecordOrderDeletion).order_id == "5"
    assert (known_by(signal), signal.creates) == ({"order:5"}, False)


def test_a_parcel_leads_to_the_owner_of_its_order() -> None:
    signal = told("fulfillments/update", FULFILLMENT)
    moved = command_of(signal, RecordFulfillment)
    assert (moved.fulfillment_id, moved.status) == ("255858046", "success")
    assert (known_by(signal), signal.creates) == ({"order:820982911946154508"}, False)
    assert signal.occurred_at == utc("2026-11-20T12:00:00")


@pytest.mark.parametrize(
    ("topic", "status"),
    [
        ("returns/request", "requested"),
        ("returns/approve", "open"),
        ("returns/update", "updated"),
        ("returns/close", "closed"),
        ("returns/cancel", "cancelled"),
        ("returns/decline", "declined"),
        ("returns/reopen", "reopened"),
        ("returns/process", "processed"),
    ],
)
def test_a_return_is_where_its_topic_says(topic: str, status: str) -> None:
    signal = told(topic, RETURN)
    assert command_of(signal, RecordReturn) == RecordReturn(
        return_id="123134564567890",
        status=status,  # type: ignore[arg-type]  # a literal, from the table above
        order_id="820982911946154508",
    )
    assert known_by(signal) == {"return:123134564567890", "order:820982911946154508"}
    assert not signal.creates


def test_a_return_may_be_named_by_its_gid_alone() -> None:
    body = {
        "admin_graphql_api_id": "gid://shopify/Return/7",
        "return_line_items": {"removals": [{"delta": 2}]},
    }
    signal = told("returns/update", body)
    assert command_of(signal, RecordReturn).order_id is None
    assert known_by(signal) == {"return:7"}

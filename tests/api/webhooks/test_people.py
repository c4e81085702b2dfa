"""Who a body of Shopify's speaks of: dialled where they live, and nobody where it is nobody."""

from typing import Any

import pytest

from actors.signals import Signal
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from tests.api.webhooks.said import CHECKOUT, CUSTOMER, DRAFT, ORDER, command_of, known_by, told

BELGIUM, GERMANY, AUSTRIA = ({"country_code": code} for code in ("BE", "DE", "AT"))
NOWHERE: dict[str, Any] = {
    "billing_address": None,
    "shipping_address": None,
    "customer": CUSTOMER | {"email": None, "default_address": None},
}
LOCAL = "030 1234567"
IN_BERLIN, IN_BELGIUM = "phone:+49301234567", "phone:+32470123456"


def order(rules: IdentityRules | None = None, **changed: Any) -> Signal:
    return told("orders/create", ORDER | NOWHERE | changed, rules or IdentityRules())


def test_a_local_number_is_dialled_where_the_bill_goes() -> None:
    signal = order(phone=LOCAL, billing_address=GERMANY, shipping_address=AUSTRIA)
    assert IN_BERLIN in known_by(signal)
    assert command_of(signal, SetContact).phone == "+49301234567"


def test_else_where_the_parcel_goes() -> None:
    customer = CUSTOMER | {"default_address": AUSTRIA}
    assert IN_BERLIN in known_by(order(phone=LOCAL, shipping_address=GERMANY, customer=customer))
    lost = {"country_code": None, "country": "Germany"}
    signal = order(phone=LOCAL, billing_address=lost, shipping_address=GERMANY)
    assert IN_BERLIN in known_by(signal)


def test_else_where_the_customer_lives() -> None:
    customer = CUSTOMER | {"default_address": GERMANY}
    rules = IdentityRules(country="AT")
    assert IN_BERLIN in known_by(order(rules, phone=LOCAL, customer=customer))


def test_else_where_the_shop_is() -> None:
    assert IN_BERLIN in known_by(order(IdentityRules(country="DE"), phone=LOCAL))


def test_a_local_number_of_nowhere_stays_a_detail() -> None:
    signal = order(phone=LOCAL)
    assert not any(known.startswith("phone:") for known in known_by(signal))
    assert command_of(signal, SetContact).phone == LOCAL


@pytest.mark.parametrize("country", ["XX", "", "Belgium"])
def test_an_unknown_country_is_no_country(country: str) -> None:
    signal = order(phone=LOCAL, billing_address={"country_code": country})
    assert command_of(signal, SetContact).phone == LOCAL


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("customers/update", CUSTOMER | {"default_address": BELGIUM, "phone": "0470 12 34 56"}),
        ("checkouts/create", CHECKOUT | {"billing_address": BELGIUM, "phone": "0470 12 34 56"}),
        ("checkouts/create", CHECKOUT | {"shipping_address": BELGIUM, "phone": "0470 12 34 56"}),
        ("draft_orders/create", DRAFT | {"customer": CUSTOMER | {"phone": "0470 12 34 56"}}),
    ],
)
def test_every_topic_says_where_its_shopper_dials(topic: str, body: dict[str, Any]) -> None:
    assert IN_BELGIUM in known_by(told(topic, body))


def test_a_blocked_address_stays_a_detail() -> None:
    signal = order(email="noreply@lane.shop", contact_email=None, phone="+1 202 555 0143")
    assert known_by(signal) & {"email:noreply@lane.shop", "phone:+12025550143"} == set()
    assert command_of(signal, SetContact).email == "noreply@lane.shop"
    assert command_of(signal, SetContact).phone == "+1 202 555 0143"


def test_an_address_that_recognises_comes_before_one_that_does_not() -> None:
    signal = order(email="noreply@lane.shop", contact_email="ada@lane.shop")
    assert command_of(signal, SetContact).email == "ada@lane.shop"


def test_a_shops_own_till_is_nobody() -> None:
    rules = IdentityRules(blocked=frozenset({"7064055069303784", "*@lane.shop"}))
    known = known_by(order(rules))
    assert {name.partition(":")[0] for name in known} == {"phone", "order", "checkout", "cart"}


def test_a_marketplaces_buyer_is_known_by_the_account_there() -> None:
    signal = order(email="X1Y2@marketplace.amazon.de", contact_email="x1y2@marketplace.amazon.de")
    assert "external_id:amazon:x1y2" in known_by(signal)
    assert command_of(signal, SetContact).email is None


def test_an_office_buys_without_power_to_merge() -> None:
    signal = order(email="info@lane.shop", contact_email="info@lane.shop")
    assert signal.powerless == (Identifier("email", "info@lane.shop"),)
    assert "email:info@lane.shop" in known_by(signal)
    assert told("orders/create", ORDER).powerless == ()

"""What a shopper is recognised by, what nobody is, and what may not merge two of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.profile.identifiers import STRENGTH, Identifier, is_normal
from aggregates.shop.identity_rules import IdentityRules
from api.recognition.forms import NOBODY
from api.recognition.known import identifier, powerless

RULES = IdentityRules()
OWN = IdentityRules(
    blocked=frozenset({"ada@lane.shop", "+4930123456", "*@staff.example", "till-1"}), country="DE"
)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("email", " Ada@Lane.SHOP ", "ada@lane.shop"),
        ("phone", "+44 (20) 7946-0958", "+442079460958"),
        ("shopify_customer_id", "gid://shopify/Customer/42", "42"),
        ("shopify_customer_id", "gid://shopify/Customer/42?x=1", "42"),
        ("shopify_customer_id", "0042", "42"),
        ("shopify_customer_id", 42, "42"),
        ("external_id", "crm:42", "crm:42"),
        ("external_id", " CRM : A7 ", "crm:A7"),
        ("external_id", "eBay:Ada-Lane", "ebay:ada-lane"),
        ("external_id", "AMAZON:A1B2", "amazon:a1b2"),
        ("cookie", " c-1 ", "c-1"),
        ("order", 450789469, "450789469"),
    ],
)
def test_an_identifier_has_one_written_form(kind: str, raw: str | int, value: str) -> None:
    assert identifier(kind, raw, RULES) == Identifier(kind, value)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        *(("cookie", nobody) for nobody in ("", " ", "0", "000", "0000-0", "-", "-1", "NULL")),
        *((kind, word) for kind in ("cookie", "order") for word in sorted(NOBODY)),
        ("cookie", None),
        ("cookie", True),
        ("cookie", "a\x00b"),
        ("cookie", "c" * 321),
        ("external_id", "42"),
        ("external_id", "crm:"),
        ("external_id", ":42"),
        ("external_id", "crm:null"),
        ("external_id", "crm:0"),
        ("external_id", "crm:a\x00b"),
        ("email", "ada at lane"),
        ("phone", "020 7946 0958"),
        ("shopify_customer_id", "gid://shopify/Customer/ada"),
        ("shopify_customer_id", "0"),
        ("shopify_customer_id", "٤٢"),
        pytest.param("shopify_customer_id", 10**5000, id="more digits than Python prints"),
        ("shopify_customer_id", "9" * 21),
        ("shopify_customer_id", -5),
    ],
)
def test_what_recognises_nobody_is_no_identifier(kind: str, raw: str | int | None) -> None:
    assert identifier(kind, raw, RULES) is None


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        *(("email", f"{name}@lane.shop") for name in ("noreply", "No-Reply", "donotreply+7")),
        *(("email", f"jon@example.{end}") for end in ("com", "net", "ORG")),
        ("email", "test@test.com"),
        ("phone", "+44 7777 777777"),
        ("phone", "+1 202-555-0143"),
    ],
)
def test_what_everybody_may_have_is_no_identifier(kind: str, raw: str) -> None:
    assert identifier(kind, raw, RULES) is None


@pytest.mark.parametrize("name", ["shop.example", "example.shop", "mail.example.com", "test.com"])
def test_a_domain_that_only_looks_alike_is_not_blocked(name: str) -> None:
    assert identifier("email", f"ada@{name}", RULES) is not None


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("email", "ADA@lane.shop"),
        ("email", "anybody@staff.example"),
        ("phone", "030 123456"),
        ("cookie", "till-1"),
    ],
)
def test_a_shop_blocks_its_own(kind: str, raw: str) -> None:
    assert identifier(kind, raw, OWN) is None
    assert identifier(kind, raw, IdentityRules(country="DE")) is not None


def test_other_addresses_of_a_blocked_one_recognise_their_owner() -> None:
    assert identifier("email", "bob@lane.shop", OWN) == Identifier("email", "bob@lane.shop")
    assert identifier("email", "ada@my.staff.example", OWN) is not None


def test_where_the_shopper_dials_comes_before_where_the_shop_is() -> None:
    assert identifier("phone", "030 1234567", OWN) == Identifier("phone", "+49301234567")
    assert identifier("phone", "01 5154320", OWN, "AT") == Identifier("phone", "+4315154320")


def test_a_marketplaces_relay_address_is_its_buyers_account() -> None:
    found = identifier("email", "H6rcsgx4@marketplace.amazon.de", RULES)
    assert found == Identifier("external_id", "amazon:h6rcsgx4")
    assert found == identifier("external_id", "Amazon:H6RCSGX4", RULES)


@settings(deadline=None)
@given(
    st.sampled_from(sorted(STRENGTH)),
    st.text() | st.emails() | st.integers() | st.text().map("crm:".__add__),
    st.sampled_from([None, "DE", "US"]),
)
def test_the_normal_form_is_its_own_normal_form(
    kind: str, raw: str | int, country: str | None
) -> None:
    known = identifier(kind, raw, RULES, country)
    if known is not None:
        assert identifier(known.kind, known.value, RULES) == known
        assert is_normal(known.kind, known.value)


@pytest.mark.parametrize(
    "address",
    [
        "info@lane.shop",
        "info+autumn@lane.shop",
        "kundenservice@lane.shop",
        "ada@mailinator.com",
        "ada@box.mailinator.com",
    ],
)
def test_an_office_or_a_borrowed_address_merges_nobody(address: str) -> None:
    known = identifier("email", address, RULES)
    assert known is not None
    assert powerless([Identifier("cookie", "c-1"), known], RULES) == (known,)


def test_a_shopper_may_have_power_over_their_own() -> None:
    known = (
        Identifier("email", "ada@lane.shop"),
        Identifier("email", "informatics@gmail.com"),
        Identifier("phone", "+4930123456"),
        Identifier("cookie", "info"),
        Identifier("external_id", "crm:info@lane.shop"),
    )
    assert powerless(known, RULES) == ()


def test_a_shop_says_itself_what_an_office_is() -> None:
    own, usual = Identifier("email", "till@lane.shop"), Identifier("email", "info@lane.shop")
    assert powerless([own, usual], IdentityRules(role_names=frozenset({"till"}))) == (own,)

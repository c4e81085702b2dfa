"""A shop's own list of what recognises nobody, as its people would type it."""

import pytest

from aggregates.shop.identity_rules import IdentityRules
from api.recognition.known import identifier
from api.recognition.shop_rules import BadRule, in_normal_form


def blocking(*values: str, country: str | None = "DE") -> IdentityRules:
    return IdentityRules(blocked=frozenset(values), country=country)


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        (" Till@Shop.example", "till@shop.example"),
        ("030 1234567", "+49301234567"),
        ("*@Staff.example", "*@staff.example"),
        ("*@münchen.de", "*@xn--mnchen-3ya.de"),
        ("7064055069303784", "7064055069303784"),
        ("klaviyo:TILL", "klaviyo:TILL"),
    ],
)
def test_a_blocked_value_is_compared_in_its_normal_form(typed: str, compared: str) -> None:
    assert in_normal_form(blocking(typed)).blocked == {compared}


def test_a_blocked_value_blocks_however_it_was_typed() -> None:
    rules = in_normal_form(blocking("030 / 123 45 67", "*@Staff.example"))
    assert identifier("phone", "+49 30 1234567", rules) is None
    assert identifier("email", "Ada@STAFF.example", rules) is None


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (blocking("null"), "blocked"),
        (blocking("*@nowhere"), "blocked"),
        (blocking("  "), "blocked"),
        (blocking(country="XX"), "country"),
    ],
)
def test_a_rule_that_cannot_be_is_named(rules: IdentityRules, field: str) -> None:
    with pytest.raises(BadRule, match="expected") as refused:
        in_normal_form(rules)
    assert refused.value.field == field
    assert str(refused.value).startswith(f"{field}: ")


def test_what_is_in_normal_form_stays() -> None:
    once = in_normal_form(blocking("Till@Shop.example", "030 1234567", "*@Staff.example"))
    assert in_normal_form(once) == once

"""A shop's identity rules: sensible when nothing is said, refused by the member that is wrong."""

import msgspec
import pytest

from aggregates.shop.identity_rules import Alarms, IdentityRules, Limits

RULES = msgspec.json.Decoder(IdentityRules)


def test_a_shop_that_says_nothing_has_sensible_rules() -> None:
    rules = RULES.decode(b"{}")
    assert rules == IdentityRules()
    assert rules.limits == Limits(
        shopify_customer_id=1, external_id=5, email=5, phone=5, cookie=50, cookies_per_week=5
    )
    assert rules.alarms == Alarms(external_id=2, email=2, phone=3, cookie=3)
    assert {"info", "sales", "support", "kontakt"} <= rules.role_names
    assert not rules.blocked
    assert not rules.gmail_equal
    assert rules.country is None


def test_a_shops_own_rules_come_back_as_they_went() -> None:
    rules = IdentityRules(
        limits=Limits(email=3),
        alarms=Alarms(phone=10),
        blocked=frozenset({"till@shop.example", "+4930123456", "*@staff.example"}),
        role_names=frozenset({"buero"}),
        gmail_equal=True,
        country="DE",
    )
    assert RULES.decode(msgspec.json.encode(rules)) == rules


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ('{"limits": {"email": 0}}', "$.limits.email"),
        ('{"limits": {"cookies_per_week": 100000}}', "$.limits.cookies_per_week"),
        ('{"alarms": {"phone": 1}}', "$.alarms.phone"),
        ('{"alarms": {"shopify_customer_id": 2}}', "$.alarms"),
        ('{"blocked": ["*@"]}', "$.blocked"),
        ('{"blocked": ["*"]}', "$.blocked"),
        ('{"blocked": [""]}', "$.blocked"),
        ('{"role_names": ["Info"]}', "$.role_names"),
        ('{"role_names": ["info@shop.example"]}', "$.role_names"),
        ('{"gmail_equal": "yes"}', "$.gmail_equal"),
        ('{"country": "Germany"}', "$.country"),
        ('{"country": "de"}', "$.country"),
        ('{"nickname": "x"}', "nickname"),
    ],
)
def test_a_rule_that_cannot_be_is_named(said: str, place: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        RULES.decode(said)
    assert place in str(refused.value)

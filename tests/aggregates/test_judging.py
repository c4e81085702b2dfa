"""Are two customers one person? The matrix, cell by cell."""

import pytest

from aggregates.resolution import Link, Verdict, judge, standing
from aggregates.shop.identity_rules import Limits

LIMITS = Limits()
ANONYMOUS = standing(["cookie:k1"])
BY_PHONE = standing(["phone:+4930123456"])
BY_MAIL = standing(["email:ada@mail.example"])
BY_ANOTHER_MAIL = standing(["email:a.lane@work.example", "cookie:k2"])
WITH_ACCOUNT = standing(["shopify_customer_id:42", "email:ada@mail.example"])
WITH_ANOTHER_ACCOUNT = standing(["shopify_customer_id:43", "email:a.lane@work.example"])


@pytest.mark.parametrize(
    ("kind", "with_anonymous", "with_unknown", "both_known", "two_accounts"),
    [
        ("shopify_customer_id", "merge", "merge", "merge", "candidate"),
        ("external_id", "merge", "merge", "merge", "candidate"),
        ("email", "merge", "merge", "merge", "candidate"),
        ("phone", "merge", "merge", "candidate", "candidate"),
        ("cookie", "merge", "merge", "switch_and_candidate", "switch"),
        ("cart", "merge", "ignore", "ignore", "ignore"),
        ("order", "merge", "ignore", "ignore", "ignore"),
    ],
)
def test_the_matrix(
    kind: str,
    with_anonymous: Verdict,
    with_unknown: Verdict,
    both_known: Verdict,
    two_accounts: Verdict,
) -> None:
    link = Link(kind)
    assert judge(BY_MAIL, ANONYMOUS, link, LIMITS) == with_anonymous
    assert judge(BY_MAIL, BY_PHONE, link, LIMITS) == with_unknown
    assert judge(BY_MAIL, BY_ANOTHER_MAIL, link, LIMITS) == both_known
    assert judge(WITH_ACCOUNT, WITH_ANOTHER_ACCOUNT, link, LIMITS) == two_accounts


@pytest.mark.parametrize("kind", ["shopify_customer_id", "external_id", "email", "phone", "cookie"])
def test_it_does_not_matter_who_comes_first(kind: str) -> None:
    all_of_them = [ANONYMOUS, BY_PHONE, BY_MAIL, BY_ANOTHER_MAIL, WITH_ACCOUNT]
    for one in all_of_them:
        for other in all_of_them:
            told = judge(one, other, Link(kind), LIMITS)
            assert told == judge(other, one, Link(kind), LIMITS)


def test_a_device_that_was_a_third_ones_too_changes_hands_and_unites_nobody() -> None:
    assert judge(BY_MAIL, ANONYMOUS, Link("cookie", has_history=True), LIMITS) == "switch"


def test_a_list_is_not_believed_that_two_accounts_elsewhere_are_one() -> None:
    link = Link("external_id", together=False)
    assert judge(BY_MAIL, BY_ANOTHER_MAIL, link, LIMITS) == "candidate"
    assert judge(BY_MAIL, BY_PHONE, link, LIMITS) == "merge"


@pytest.mark.parametrize("kind", ["email", "phone", "cookie"])
def test_without_power_nothing_follows(kind: str) -> None:
    assert judge(BY_MAIL, ANONYMOUS, Link(kind, has_power=False), LIMITS) == "ignore"


def test_who_would_have_too_many_addresses_is_asked_about() -> None:
    three = standing([f"email:a{n}@mail.example" for n in range(3)])
    more = standing([f"email:b{n}@mail.example" for n in range(3)])
    assert judge(three, more, Link("email"), LIMITS) == "candidate"
    assert judge(three, BY_MAIL, Link("email"), LIMITS) == "merge"

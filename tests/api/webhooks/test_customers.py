"""Accounts and their tags, in every version of Shopify's API."""

import pytest

from aggregates.profile.decisions.contact import AddTags, RemoveTags, SetContact
from api.webhooks.shopify.refusals import Untranslatable
from tests.api.webhooks.said import CUSTOMER, TAGGED, command_of, known_by, told, utc


def test_an_account_says_who_it_belongs_to() -> None:
    signal = told("customers/update", CUSTOMER | {"phone": "+32 470 12 34 56"})
    assert command_of(signal, SetContact) == SetContact(
        email="ada@lane.shop",
        phone="+32470123456",
        first_name="Ada",
        last_name="Lane",
        company="Lane & Co",
    )
    assert known_by(signal) == {
        "shopify_customer_id:7064055069303784",
        "email:ada@lane.shop",
        "phone:+32470123456",
    }
    assert signal.occurred_at == utc("2026-11-20T09:00:00")


@pytest.mark.parametrize(
    ("member", "tags"),
    [
        ({}, None),
        ({"tags": None}, None),
        ({"tags": ""}, ()),
        ({"tags": "vip, 2026,,vip "}, ("vip", "2026")),
        ({"tags": ["vip"]}, ("vip",)),
    ],
)
def test_tags_are_replaced_only_where_the_body_speaks_of_them(
    member: dict[str, object], tags: tuple[str, ...] | None
) -> None:
    assert command_of(told("customers/update", CUSTOMER | member), SetContact).tags == tags


def test_of_too_many_tags_the_first_250_are_kept_and_long_ones_cut() -> None:
    many = ",".join(["x" * 300, *(f"tag {n}" for n in range(300))])
    kept = command_of(told("customers/update", CUSTOMER | {"tags": many}), SetContact).tags
    assert kept is not None
    assert (len(kept), kept[0]) == (250, "x" * 255)


def test_what_went_before_2024_is_skipped() -> None:
    older = CUSTOMER | {"accepts_marketing": "?", "marketing_opt_in_level": 5}
    assert told("customers/update", older).steps == told("customers/update", CUSTOMER).steps


@pytest.mark.parametrize(
    ("topic", "kind"), [("customer.tags_added", AddTags), ("customer.tags_removed", RemoveTags)]
)
def test_tags_come_and_go_by_name(topic: str, kind: type[AddTags] | type[RemoveTags]) -> None:
    signal = told(topic, TAGGED)
    assert command_of(signal, kind) == kind(("vip", "2026"))
    assert known_by(signal) == {"shopify_customer_id:7064055069303784"}
    assert signal.occurred_at == utc("2026-11-20T15:00:00")


def test_tags_of_nobody_are_refused() -> None:
    with pytest.raises(Untranslatable, match=r"^\$\.customerId: expected"):
        told("customer.tags_added", {"tags": ["vip"]})


def test_an_account_without_id_is_refused() -> None:
    with pytest.raises(Untranslatable, match=r"^\$\.id: expected"):
        told("customers/create", {"email": "ada@lane.shop"})

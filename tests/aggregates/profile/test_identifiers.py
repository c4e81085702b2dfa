"""Identifiers: one written form each, told from every other."""

import pytest

from aggregates.profile.identifiers import Identifier, is_normal, strongest_first


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "ada+shop@mail.example"),
        ("email", "ada..x@docomo.ne.jp"),
        ("email", "jörg@xn--mnchen-3ya.de"),
        ("phone", "+442079460958"),
        ("shopify_customer_id", "42"),
        ("external_id", "crm:42"),
        ("external_id", "crm:A 42:7"),
        ("cookie", "GA1.2.1"),
        ("order", "450789469"),
    ],
)
def test_an_identifier_in_its_written_form_is_taken(kind: str, value: str) -> None:
    assert is_normal(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "Ada@mail.example"),
        ("email", " ada@mail.example"),
        ("email", "ada@mail.example\n"),
        ("email", "ada＠mail.example"),  # noqa: RUF001 - full width
        ("email", "jörg@münchen.de"),
        ("email", "JÖRG@mail.example"),
        ("email", "ada@localhost"),
        ("email", "ada"),
        ("email", "a" * 320 + "@mail.example"),
        ("phone", "+44 20 7946 0958"),
        ("phone", "00442079460958"),
        ("phone", "+0123456789"),
        ("phone", "+44207946095800000"),
        ("shopify_customer_id", "gid://shopify/Customer/42"),
        ("shopify_customer_id", "042"),
        ("shopify_customer_id", "1" * 21),
        ("external_id", "42"),
        ("external_id", "CRM:42"),
        ("external_id", "crm: 42"),
        ("external_id", ":42"),
        ("external_id", "crm:a\x00b"),
        ("cookie", ""),
        ("cookie", " c-1"),
        ("cookie", "a\x00b"),
        ("cookie", "c" * 321),
    ],
)
def test_any_other_way_to_write_it_is_noticed(kind: str, value: str) -> None:
    assert not is_normal(kind, value)


def test_the_strongest_comes_first() -> None:
    cookie, mail = Identifier("cookie", "a"), Identifier("email", "a@x.io")
    other = Identifier("email", "b@x.io")
    assert strongest_first((cookie, other, mail)) == [mail, other, cookie]

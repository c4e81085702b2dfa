"""Identifiers: one written form each, and nobody where there is nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.profile.identifiers import STRENGTH, Identifier, identifier, strongest_first


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("email", " Ada@Example.COM ", "ada@example.com"),
        ("email", "ada+shop@example.co.uk", "ada+shop@example.co.uk"),
        ("email", "ada＠example.com", "ada@example.com"),  # noqa: RUF001
        ("phone", "+44 (20) 7946-0958", "+442079460958"),
        ("phone", "0044 20 7946 0958", "+442079460958"),
        ("shopify_customer_id", "gid://shopify/Customer/42", "42"),
        ("shopify_customer_id", 42, "42"),
        ("external_id", "crm:42", "crm:42"),
        ("cookie", " c-1 ", "c-1"),
        ("order", 450789469, "450789469"),
    ],
)
def test_an_identifier_has_one_written_form(kind: str, raw: object, value: str) -> None:
    assert identifier(kind, raw) == Identifier(kind, value)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        *(("cookie", nobody) for nobody in ("", " ", "0", "null", "None", "undefined", "0000-0")),
        ("cookie", None),
        ("cookie", True),
        ("cookie", "a\x00b"),
        ("external_id", "crm:a\x00b"),
        ("external_id", "42"),
        ("email", "ada"),
        ("email", "ada@localhost"),
        ("email", "a da@example.com"),
        ("email", "a" * 320 + "@example.com"),
        ("email", "ﬃ" * 200 + "@example.com"),
        ("phone", "020 7946 0958"),
        ("phone", "+0123456789"),
        ("shopify_customer_id", "gid://shopify/Customer/ada"),
    ],
)
def test_what_recognises_nobody_is_no_identifier(kind: str, raw: object) -> None:
    assert identifier(kind, raw) is None


@given(st.sampled_from(sorted(STRENGTH)), st.text() | st.emails() | st.integers())
def test_the_normal_form_is_its_own_normal_form(kind: str, raw: object) -> None:
    normal = identifier(kind, raw)
    assert normal is None or identifier(kind, normal.value) == normal


def test_the_strongest_comes_first() -> None:
    cookie, mail = Identifier("cookie", "a"), Identifier("email", "a@x.io")
    other = Identifier("email", "b@x.io")
    assert strongest_first((cookie, other, mail)) == [mail, other, cookie]

"""Only who knows a secret can sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.webhooks.shopify.signature import signed_by

BODY = b'{"id":1}'
# echo -n '{"id":1}' | openssl dgst -sha256 -hmac shpss_1 -binary | base64
SIGNATURE = "wy76624z4KJ8BnoehWMER3bDGBzOAnSxYMKAM6HhW9I="


def test_a_body_is_recognised_as_signed_with_the_secret() -> None:
    assert signed_by(BODY, SIGNATURE, ["shpss_1"]) == 0


def test_after_a_rotation_the_index_says_which_secret_is_still_in_use() -> None:
    assert signed_by(BODY, SIGNATURE, ["shpss_2", "shpss_1"]) == 1


def test_another_body_is_not_signed_by_it() -> None:
    assert signed_by(BODY + b" ", SIGNATURE, ["shpss_1"]) is None


def test_without_secrets_nothing_is_signed() -> None:
    assert signed_by(BODY, SIGNATURE, []) is None


def test_an_empty_secret_signs_nothing() -> None:
    assert signed_by(BODY, "OH4HrEMyI2Gyl0Nx9AtqhHOTI11vM8Vi/iDRBFu925g=", [""]) is None


@pytest.mark.parametrize("header", ["", "=", SIGNATURE.encode().hex(), SIGNATURE + "=", "\udc80é"])
def test_a_garbled_header_is_no_signature(header: str) -> None:
    assert signed_by(BODY, header, ["shpss_1"]) is None


@given(st.text())
def test_no_header_makes_it_fail(header: str) -> None:
    assert signed_by(BODY, header, ["shpss_1", "schlüssel"]) is None

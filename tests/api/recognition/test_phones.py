"""Phone numbers as people dial and shops export them, and the one form in which they meet."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from phonenumbers import (
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    example_number_for_type,
    format_number,
    is_valid_number,
    parse,
)

from aggregates.profile.identifiers import is_normal
from api.recognition.phones import made_up, phone

BERLIN = "+49301234567"


@pytest.mark.parametrize(
    "written",
    [
        "+49 30 1234567",
        "+49 (0)30 1234567",
        "0049 (0)30 1234567",
        "0049 30 1234567",
        "030 1234567",
        "(030) 123 45 67",
        "030/1234567",
        "030-1234-567",
        "030 1234–567",  # noqa: RUF001 - an en dash
        "4930 1234567",
        "+490301234567",
        "tel:+49-30-1234567",
        "\u202a+49 30 1234567\u202c",
        "+49\u00a030\u00a01234567",
        "＋４９ ３０ １２３４５６７",  # noqa: RUF001 - full width
        BERLIN,
    ],
)
def test_all_ways_to_write_a_number_meet_in_one(written: str) -> None:
    assert phone(written, "DE") == BERLIN


@pytest.mark.parametrize("written", ["+49 30 1234567", "0049 (0)30 1234567", BERLIN])
def test_a_number_with_its_country_code_needs_no_country(written: str) -> None:
    assert phone(written) == phone(written, "US") == BERLIN


@pytest.mark.parametrize(
    ("written", "country", "normal"),
    [
        ("020 7946 0958", "GB", "+442079460958"),
        ("(202) 456-1414", "US", "+12024561414"),
        ("202-456-1414", "CA", "+12024561414"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("0470 12 34 56", "BE", "+32470123456"),
        ("02 1234 5678", "IT", "+390212345678"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("044 668 18 00", "CH", "+41446681800"),
    ],
)
def test_a_local_number_is_dialled_in_its_country(written: str, country: str, normal: str) -> None:
    assert phone(written, country) == normal


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("030 1234567", None),
        ("030 1234567", "ZZ"),
        ("0151 123", "DE"),
        ("+49", "DE"),
        ("+0123456789", None),
        ("+1 202 555 01", None),
        ("+999 123456789", None),
        ("09 123 45 67 89 01", "BE"),
        ("1234567890", "DE"),
        ("call me", "DE"),
        ("030 1234567 evenings", "DE"),
        ("030 1234567 ext. 5", "DE"),
        ("+1 800 FLOWERS", None),
        ("030 1234567 / 0151 12345678", "DE"),
        ("030 1234567, 030 7654321", "DE"),
        ("ada@lane.shop", "DE"),
        ("+49 30 1234567\x00", "DE"),
        ("+4930" + "1" * 400, "DE"),
        ("", "DE"),
    ],
)
def test_a_number_nobody_can_dial_is_none(written: str, country: str | None) -> None:
    assert phone(written, country) is None


@settings(deadline=None)
@given(
    st.text() | st.from_regex(r"\A\+?[0-9 ()./-]{3,20}\Z"),
    st.none() | st.sampled_from(sorted(SUPPORTED_REGIONS)),
)
def test_any_text_has_a_form_of_its_own_or_none(written: str, country: str | None) -> None:
    normal = phone(written, country)
    assert normal is None or (phone(normal) == normal and is_normal("phone", normal))


def by_the_library(e164: str) -> str | None:
    try:
        number = parse(e164)
    except NumberParseException:
        return None
    value = format_number(number, PhoneNumberFormat.E164)
    return value if is_valid_number(number) and is_normal("phone", value) else None


EXAMPLES = [
    format_number(number, PhoneNumberFormat.E164)
    for region in sorted(SUPPORTED_REGIONS)
    for kind in PhoneNumberType.values()
    if (number := example_number_for_type(region, kind)) is not None
]


@settings(deadline=None)
@given(st.sampled_from(EXAMPLES), st.data())
def test_the_quick_way_says_what_the_library_says(number: str, data: st.DataObject) -> None:
    kept = data.draw(st.integers(min_value=2, max_value=len(number)))
    left = len(number) - kept
    digits = st.text("0123456789", min_size=max(0, left - 1), max_size=left + 1)
    changed = number[:kept] + data.draw(digits)
    assume(is_normal("phone", changed))
    assert phone(changed) == by_the_library(changed)


def test_every_country_has_numbers() -> None:
    found = {phone(number) for number in EXAMPLES if is_normal("phone", number)}
    assert None not in found
    assert len(found) > 900


@pytest.mark.parametrize(
    ("number", "made"),
    [
        ("+447777777777", True),
        ("+12025550143", True),
        ("+491234567890", True),
        ("+77777777777", True),
        ("+12025551143", False),
        ("+447777777778", False),
        ("+4915111111111", False),  # somebody paid for it
        (BERLIN, False),
    ],
)
def test_a_number_typed_to_fill_a_field_is_noticed(number: str, made: bool) -> None:
    assert made_up(number) is made

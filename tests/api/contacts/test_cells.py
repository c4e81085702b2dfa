"""Single cells: what counts as a flag, a number, an instant, a day."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.profile.events.properties import Moment
from api.contacts.cells import KINDS, day, flag, instant, moment, number


@pytest.mark.parametrize(("text", "found"), [("true", True), ("FALSE", False), ("yes", None)])
def test_only_true_and_false_are_flags(text: str, found: bool | None) -> None:
    assert flag(text) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [("12", 12.0), ("-5.20", -5.2), ("0", 0.0), ("0.5", 0.5), ("123456789012345", 123456789012345)],
)
def test_numbers(text: str, found: float) -> None:
    assert number(text) == found


@pytest.mark.parametrize(
    "text", ["01234", "+49", "1e5", "1,5", "1.", ".5", "=1", "1234567890123456", "٣", "-", "1 0"]
)
def test_what_only_looks_like_a_number_is_a_text(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2023-07-18 12:43:52 UTC",
        "2023-07-18T12:43:52Z",
        "2023-07-18 12:43:52.000",
        "2023-07-18T14:43:52+02:00",
        "2023-07-18 14:43:52+0200",
    ],
)
def test_an_instant_is_the_same_however_it_is_written(text: str) -> None:
    assert instant(text) == datetime(2023, 7, 18, 12, 43, 52, tzinfo=UTC)
    assert moment(text) == Moment(datetime(2023, 7, 18, 12, 43, 52, tzinfo=UTC))


def test_a_day_begins_in_utc_and_is_no_moment() -> None:
    assert instant("2021-05-01") == datetime(2021, 5, 1, tzinfo=UTC)
    assert moment("2021-05-01") is None


@pytest.mark.parametrize(
    "text", ["1980-12-24", "19801224", "24.12.1980", "12/24/1980", "24/12/1980"]
)
def test_a_day_is_the_same_however_it_is_written(text: str) -> None:
    assert day(text) == date(1980, 12, 24)


def test_a_day_that_reads_the_same_both_ways_is_clear() -> None:
    assert day("5/5/1980") == date(1980, 5, 5)


@pytest.mark.parametrize("text", ["05/06/1980", "1980-02-30", "19801399", "1980", "24.12.80", "x"])
def test_what_could_be_two_days_or_none_is_none(text: str) -> None:
    assert day(text) is None


@given(st.text() | st.from_regex(r"[0-9TZ:/.+ -]{1,30}", fullmatch=True))
def test_any_text_can_be_looked_at_and_instants_are_in_utc(text: str) -> None:
    for kind in KINDS.values():
        kind(text)
    at = instant(text)
    assert at is None or at.tzinfo is UTC

"""A rule in words is the rule; words that are none are answered with what was expected."""

import re
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import Decoder, encode

from projections.segments.checking import wrongs
from projections.segments.parsing import parsed
from projections.segments.rule import Rule
from projections.segments.tokens import Misunderstood
from projections.segments.wording import worded
from tests.segments.rules import rules


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(rules)
def test_what_is_said_is_understood(rule: Rule) -> None:
    assert parsed(worded(rule)) == rule
    assert Decoder(Rule).decode(encode(rule)) == rule
    assert list(wrongs(rule)) == []


@pytest.mark.parametrize(
    "said",
    [
        "bought at least 2 times in the last 90 days and average order value over 80",
        "stage is at_risk, churned and (tagged \"vip\" or lifetime spend over 500)",
        "not (city is \"Wien\" or country is \"DE\") and last order more than 30 days ago",
        "bought sku \"m\" at least 1 time between 2026-01-01T00:00:00Z and 2026-02-01T00:00:00Z",
        "visits at least 3 in the last 30 days and not visits over 10 until 2026-01-01T00:00:00Z",
        "everybody",
        "bought at least 2 times in the last 90 days and opted into WhatsApp"
        " and average order value over 80",
        "consent for SMS is pending, never or not may receive email now",
        "may receive push apart from quiet hours and fatigue under 0.7 and engagement at least 60",
        "messages opened at least 2 in the last 30 days on email from campaign \"spring\"",
    ],
)  # fmt: skip
def test_people_may_write(said: str) -> None:
    assert worded(parsed(said)) == said


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(rules, rules, st.randoms(use_true_random=False))
def test_words_that_are_mixed_up_are_a_rule_or_misunderstood(
    one: Rule, other: Rule, dice: Random
) -> None:
    """Never a rule that could not be read again."""
    words = worded(one).split(" ")
    for word in dice.sample((more := worded(other).split(" ")), min(2, len(more))):
        words.insert(dice.randrange(len(words) + 1), word)
    with suppress(Misunderstood):
        rule = parsed(" ".join(words))
        assert Decoder(Rule).decode(encode(rule)) == rule


def test_visits_may_be_counted_in_times_as_orders_are() -> None:
    said = "visits at least 3 times in the last 30 days"
    assert worded(parsed(said)) == "visits at least 3 in the last 30 days"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("", "at character 1: expected a condition: not, (, everybody"),
        ("bought at least two times", "at character 17: expected a whole number"),
        ("visits over 3 and", "at character 18: expected a condition"),
        ("(visits over 3", "at character 15: expected ), found the end"),
        ("visits over 3 visits", "at character 15: expected and, or, or the end, found so"),
        ("visits over 3 in the last 0 days", "expected 1 to 36,500"),
        ("city is Wien", "at character 9: expected a text in quotes such as \"Berlin\""),
        ("city is \"Wien", "expected a text in quotes"),
        ("visits is \"3\"", "at character 8: expected at least or at most or exactly"),
        ("last order before yesterday", "expected a day or an instant such as 2026-11-21"),
        ("bought at least 2 times in the last 0 days", "expected 1 to 36,500"),
        ("opted into fax", "at character 12: expected email or sms or whatsapp or push"),
        ("may receive sms", "expected now or apart from quiet hours, found the end"),
        ("fatigue over 2", "expected a number from 0 to 1 such as 0.7"),
        ("engagement over 101", "expected a whole number from 0 to 100"),
        ("messages opened over 1 in the last 91 days", "expected 1 to 90 before this"),
        ('bought sku "m" at least 0 times', "expected 1 or more before this"),
        ("stage is " + ", ".join(["new"] * 7), "expected no more than 6 with `,` between them"),
        (" and ".join(["everybody"] * 101), "expected no more than 100 with `and` between them"),
        (" or ".join(["everybody"] * 101), "expected no more than 100 with `or` between them"),
        ("in segment vip", "expected the id of a segment, found something else"),
        ("(" * 9_000, "expected fewer parentheses"),
        ('"\\' * 50_000, "expected a condition"),
        ("x" * 1_000_001, "expected the end"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_with_its_place(said: str, complaint: str) -> None:
    with pytest.raises(Misunderstood) as error:
        parsed(said)
    assert complaint in str(error.value)


def test_the_examples_for_newcomers_are_rules() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    table = readme.partition("| about | for example |")[2].partition("\n\n")[0]
    examples = [said for said in re.findall("`([^`]+)`", table) if "…" not in said]
    assert len(examples) > 15
    for said in examples:
        assert parsed(said)

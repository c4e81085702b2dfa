"""What cannot be a rule is told with its place in the rule."""

from uuid import UUID

import pytest
from msgspec.json import Decoder

from projections.segments.checking import MAX_DEPTH, MAX_OVER_MANY, wrong_references, wrongs
from projections.segments.compile import compiled
from projections.segments.evaluate import holds
from projections.segments.facts import Facts
from projections.segments.rule import (
    AllOf,
    InSegment,
    Not,
    OrderCount,
    Rule,
    Tagged,
    Visits,
    Window,
)
from projections.segments.setting import Setting
from tests.given import NOON

ONE, OTHER = UUID(int=1), UUID(int=2)


def rule(json: str) -> Rule:
    read: Rule = Decoder(Rule).decode(json)
    return read


@pytest.mark.parametrize(
    ("json", "place", "problem"),
    [
        (
            '{"kind": "any", "any": [{"kind": "text", "field": "visits", "test": "is",'
            ' "value": "3"}]}',
            "rule.any[0].field",
            "visits takes the kind visits; the kind text is about name, email",
        ),
        ('{"kind": "text", "field": "city", "test": "is"}', "rule.value", "needs a value"),
        (
            '{"kind": "text", "field": "city", "test": "is_known", "value": "x"}',
            "rule.value",
            "takes no value",
        ),
        (
            '{"kind": "tag", "tag": "a\\u0000b"}',
            "rule",
            "holds a character that no text of a customer has",
        ),
        (
            '{"kind": "date", "field": "created_at", "test": "within"}',
            "rule.days",
            "needs days",
        ),
        (
            '{"kind": "date", "field": "created_at", "test": "before", "days": 3,'
            ' "at": "2026-01-01T00:00:00Z"}',
            "rule.days",
            "takes no days",
        ),
        (
            '{"kind": "all", "all": [{"kind": "orders", "compare": "over", "count": 1,'
            ' "window": {"days": 3, "from": "2026-01-01T00:00:00Z"}}]}',
            "rule.all[0].window",
            "not both",
        ),
        (
            '{"kind": "not", "not": {"kind": "orders", "compare": "over", "count": 1, "window":'
            ' {"from": "2026-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z"}}}',
            "rule.not.window.until",
            "later than from",
        ),
        (
            '{"kind": "visits", "compare": "over", "count": 1, "window": {"days": 3,'
            ' "until": "2026-01-01T00:00:00Z"}}',
            "rule.window",
            "not both",
        ),
        (
            '{"kind": "bought", "sku": "a", "title": "b"}',
            "rule",
            "exactly one of product_id, sku, title",
        ),
        (
            '{"kind": "date", "field": "created_at", "test": "before",'
            ' "at": "0001-01-01T00:00:00Z"}',
            "rule.at",
            "between 1900 and 2200",
        ),
    ],
)
def test_each_complaint_has_a_place(json: str, place: str, problem: str) -> None:
    (found,) = wrongs(rule(json))
    assert found.place == place
    assert problem in found.problem


def test_a_rule_is_only_so_deep() -> None:
    deepest: Rule = Tagged("vip")
    for _ in range(MAX_DEPTH - 1):
        deepest = Not(deepest)
    assert list(wrongs(deepest)) == []
    (found,) = wrongs(Not(deepest))
    assert "nested more than 20 deep" in found.problem


def test_a_segment_cannot_depend_on_itself() -> None:
    known: dict[UUID, Rule] = {ONE: Tagged("vip"), OTHER: AllOf((InSegment(ONE),))}
    assert list(wrong_references(InSegment(OTHER), known.get)) == []
    known[ONE] = Not(InSegment(OTHER))
    (found,) = wrong_references(known[ONE], known.get)
    assert found == ("rule.not.segment_id", "the segment would depend on itself")


def test_a_segment_that_does_not_exist_is_none() -> None:
    nothing: dict[UUID, Rule] = {}
    (found,) = wrong_references(AllOf((Tagged("x"), InSegment(ONE))), nothing.get)
    assert found == ("rule.all[1].segment_id", "there is no such segment in this namespace")


def test_what_a_rule_costs_is_limited_with_all_that_it_names() -> None:
    costly = OrderCount("over", 1, Window(days=3))
    known: dict[UUID, Rule] = {ONE: AllOf((costly,) * MAX_OVER_MANY)}
    assert list(wrong_references(InSegment(ONE), known.get)) == []
    (found,) = wrong_references(AllOf((InSegment(ONE), costly)), known.get)
    assert "more than 20 conditions on single orders" in found.problem
    known |= {UUID(int=n): AllOf((InSegment(UUID(int=n - 1)),) * 50) for n in (3, 4)}
    known |= {OTHER: AllOf((Tagged("x"),) * 50)}
    (found,) = wrong_references(InSegment(UUID(int=4)), known.get)
    assert "more than 200 conditions" in found.problem


def test_visits_cost_something_only_where_they_have_a_window() -> None:
    nothing: dict[UUID, Rule] = {}
    for window, complaints in ((Window(), 0), (Window(days=3), 1)):
        many = AllOf((Visits("over", 1, window),) * (MAX_OVER_MANY + 1))
        assert len(list(wrong_references(many, nothing.get))) == complaints


def test_the_longest_chain_of_segments_is_answered(facts: dict[UUID, Facts]) -> None:
    known: dict[UUID, Rule] = {ONE: Tagged("vip")}
    known |= {UUID(int=n): Not(InSegment(UUID(int=n - 1))) for n in range(2, 100)}
    longest = InSegment(UUID(int=99))
    assert list(wrong_references(longest, known.get)) == []
    setting = Setting(NOON, rule_of=known.__getitem__)
    assert "tags" in compiled(longest, setting).inside
    whom = next(one for one in facts.values() if "vip" in one.tags)
    assert holds(longest, whom, setting)
    known[UUID(int=100)] = Not(InSegment(UUID(int=99)))
    assert list(wrong_references(AllOf((InSegment(UUID(int=100)),)), known.get)) != []

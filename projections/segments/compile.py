"""A rule as SQL over the customers list and the orders: who meets it, and when that may change.

What looks at single orders is summed up for all customers at once and joined, because a subquery
for each row, or a list of ids that does not fit into memory, would take minutes for a large shop.
Values are parameters, always; every condition is true or false, never unknown.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple, assert_never

from aggregates.profile.money import EXPONENTS
from projections.segments import dues, message_sums, reach_sql
from projections.segments.dues import Answer
from projections.segments.evaluate import folded
from projections.segments.order_sums import ASCII_SMALL, joined
from projections.segments.rule import (
    EVER,
    AllOf,
    AnyOf,
    Bought,
    ComesFrom,
    Consent,
    Date,
    Engagement,
    Fatigue,
    InSegment,
    MayReceive,
    Messages,
    Not,
    OrderCount,
    OrderValue,
    Rule,
    Spend,
    Stage,
    Tagged,
    TextIs,
    Visits,
)
from projections.segments.setting import Setting
from projections.segments.visit_sums import visits
from projections.segments.written import EVERYBODY, GATHERED, SIGNS, Written
from projections.words import plain

TESTS = {
    "is": "{} = {}::text", "contains": "strpos({}, {}::text) > 0",
    "starts_with": "starts_with({}, {}::text)",
}  # fmt: skip
SCALES = {n: sorted(c for c, digits in EXPONENTS.items() if digits == n) for n in (0, 3, 4)}


class Compiled(NamedTuple):
    """`source` is what to select from, the next three are as in `Answer`, for each row of
    `customers`. `values` are the parameters, besides `namespace`."""

    source: str
    inside: str
    due: str | None
    matters: str
    values: Mapping[str, object]


def compiled(rule: Rule, setting: Setting, some: bool = False) -> Compiled:
    """For the customers of `%(namespace)s`; if `some`, of those that `news` has gathered."""
    work = Written(setting, GATHERED if some else EVERYBODY)
    answer = _answer(rule, work)
    source = f"{work.tables.customers} AS customers{''.join(work.joins)}"
    scope = "customers.namespace_id = %(namespace)s"
    return Compiled(f"{source} WHERE {scope}", *answer, work.values)


def _answer(rule: Rule, work: Written) -> Answer:
    match rule:
        case AllOf(parts) | AnyOf(parts) if parts:
            return dues.joint(isinstance(rule, AllOf), [_answered(part, work) for part in parts])
        case _:
            return _answered(rule, work)


def _answered(rule: Rule, work: Written) -> Answer:
    inside, (moments, needs) = condition(rule, work), work.taken()
    is_made_of_others = isinstance(rule, AllOf | AnyOf | Not | InSegment)
    return dues.single(inside, moments, [] if is_made_of_others else needs)


def condition(rule: Rule, work: Written) -> str:  # noqa: C901, PLR0911, PLR0912 - one arm a kind
    match rule:
        case AllOf():
            return f"({' AND '.join(condition(part, work) for part in rule.all) or 'true'})"
        case AnyOf():
            return f"({' OR '.join(condition(part, work) for part in rule.any) or 'false'})"
        case Not():
            return f"(NOT {condition(rule.rule, work)})"
        case TextIs():
            return _text(rule, work)
        case Visits():
            return visits(rule, work)
        case Spend():
            return f"(customers.spend {SIGNS[rule.compare]} {_minor(rule.amount, work)})"
        case Date():
            return _date(rule, work)
        case OrderCount():
            return _order_count(rule, work)
        case OrderValue():
            return _order_value(rule, work)
        case Bought():
            return work.count_is(joined(rule, work), "at_least", rule.times)
        case Stage():
            return f"({_stage(work)} = ANY({work.value(list(rule.any_of))}))"
        case Consent():
            return reach_sql.consent(rule, work)
        case MayReceive():
            return reach_sql.may_receive(rule, work)
        case Fatigue():
            return reach_sql.fatigue(rule, work)
        case Engagement():
            return message_sums.engagement(rule, work)
        case Messages():
            return message_sums.messages(rule, work)
        case Tagged(tag):
            return f"({work.value(tag)} = ANY(customers.tags))"
        case ComesFrom(source):
            return f"({work.value(source)} = ANY(customers.sources))"
        case InSegment(segment_id):
            return condition(work.setting.rule_of(segment_id), work)
        case _:
            assert_never(rule)


def _text(rule: TextIs, work: Written) -> str:
    if rule.value is None:
        return f"(customers.{rule.field} IS NOT NULL)"
    if rule.field == "name":
        held, wanted = "customers.name_key", plain(rule.value)
    else:
        held, wanted = ASCII_SMALL.format(f"customers.{rule.field}"), folded(rule.value)
    return f"COALESCE({TESTS[rule.test].format(held, work.value(wanted))}, false)"


def _date(rule: Date, work: Written) -> str:
    held = f"customers.{rule.field}"
    if rule.at is not None:
        sign = "<" if rule.test == "before" else ">="
        return f"COALESCE({held} {sign} {work.value(rule.at)}, false)"
    if rule.days is None:
        return f"({held} IS NOT NULL)"
    window = timedelta(days=rule.days)
    work.falls_due(held, window)
    if rule.test == "beyond":
        return f"COALESCE({held} <= {work.ago(window)}, false)"
    work.dues.append(f"CASE WHEN {held} > {work.now()} THEN {held} END")
    return f"COALESCE({held} > {work.ago(window)} AND {held} <= {work.now()}, false)"


def _order_count(rule: OrderCount, work: Written) -> str:
    if rule.window != EVER:
        return work.count_is(joined(rule, work), rule.compare, rule.count)
    return f"(customers.orders {SIGNS[rule.compare]} {work.value(rule.count)})"


def _order_value(rule: OrderValue, work: Written) -> str:
    orders = joined(rule, work)
    if rule.measure == "total":
        held, limit = f"COALESCE({orders}.held, 0)", _minor(rule.amount, work)
    else:  # of columns of the sums alone: what is too little is dropped before it is joined
        held, limit = f"round({orders}.held)", _minor(rule.amount, work, orders)
        work.needs_row(orders, "{0}.profile_id IS NOT NULL")
    return f"COALESCE({held} {SIGNS[rule.compare]} {limit}, false)"


def _stage(work: Written) -> str:
    windows = work.setting.shop.lifecycle
    stages = work.joins_with(work.tables.stages, "{0}.profile_id = customers.profile_id")
    active, now = f"{stages}.active_at", work.now()
    at_risk, churned = timedelta(days=windows.at_risk_days), timedelta(days=windows.churned_days)
    work.dues.append(f"CASE WHEN {active} > {now} THEN {active} END")
    work.falls_due(active, at_risk)
    work.falls_due(active, churned)
    return (
        f"CASE WHEN {active} IS NULL OR {active} > {now} THEN 'new'"
        f" WHEN {active} <= {work.ago(churned)} THEN 'churned'"
        f" WHEN {active} <= {work.ago(at_risk)} AND {stages}.active_stage <> 'new' THEN 'at_risk'"
        f" ELSE {stages}.active_stage END"
    )


def _minor(amount: str, work: Written, whose: str = "customers") -> str:
    """In minor units of the customer's money."""
    cases = (
        f"WHEN {whose}.currency = ANY({work.value(SCALES[digits])}) THEN {10**digits}"
        for digits in SCALES
    )
    return f"{work.value(amount)}::numeric * CASE {' '.join(cases)} ELSE 100 END"

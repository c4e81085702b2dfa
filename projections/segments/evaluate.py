"""A rule on the facts of one customer, in plain Python: to explain it, and to test the SQL by."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import assert_never

from msgspec import Struct

from aggregates.profile.money import EXPONENTS
from projections.segments import reached
from projections.segments.facts import Facts, Line, Purchase
from projections.segments.look import COMPARED, Look, Shown
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
    StageName,
    Tagged,
    TextIs,
    Visits,
    Window,
    parts_of,
)
from projections.segments.setting import Setting
from projections.words import plain

TURNS_AHEAD = 1_000


class Check(Struct, frozen=True):
    """`place` of a condition in the rule, and its answer."""

    place: str
    rule: Rule
    found: Shown
    passed: bool


def holds(rule: Rule, facts: Facts, setting: Setting) -> bool:
    return look(rule, facts, setting).passed


def next_change(rule: Rule, facts: Facts, setting: Setting) -> datetime | None:
    """When the answer changes if nothing happens but time; None is never, or after more turns of
    single conditions than anybody looks ahead."""
    now, then = holds(rule, facts, setting), setting
    for _ in range(TURNS_AHEAD):
        later = [at for at in turns(rule, facts, then) if at > then.now]
        if not later:
            return None
        then = then._replace(now=min(later))
        if holds(rule, facts, then) != now:
            return then.now
    return None


def explained(rule: Rule, facts: Facts, setting: Setting, place: str = "rule") -> Iterator[Check]:
    """Every single condition with what it found."""
    if isinstance(rule, AllOf | AnyOf | Not):
        for below, part in parts_of(rule):
            yield from explained(part, facts, setting, f"{place}.{below}")
    else:
        yield Check(place, rule, *look(rule, facts, setting))


def look(rule: Rule, facts: Facts, setting: Setting) -> Look:  # noqa: C901, PLR0911, PLR0912 - one arm a kind
    match rule:
        case AllOf():
            return _both(all(holds(part, facts, setting) for part in rule.all))
        case AnyOf():
            return _both(any(holds(part, facts, setting) for part in rule.any))
        case Not():
            return _both(not holds(rule.rule, facts, setting))
        case TextIs():
            found: str | None = getattr(facts, rule.field)
            return Look(found, _text(rule, facts))
        case Visits():
            count = _visits(rule, facts, setting.now)
            return Look(count, COMPARED[rule.compare](count, rule.count))
        case Spend():
            return _amount(Decimal(facts.spend), rule, facts)
        case Date():
            at: datetime | None = getattr(facts, rule.field)
            return Look(at, _date(rule, at, setting.now))
        case OrderCount():
            count = len(within(facts.purchases, rule.window, setting.now))
            return Look(count, COMPARED[rule.compare](count, rule.count))
        case OrderValue():
            return _order_value(rule, facts, setting.now)
        case Bought():
            count = len({bought.order_id for bought in _with(rule, facts, setting.now)})
            return Look(count, count >= rule.times)
        case Stage():
            stage = stage_of(facts, setting)
            return Look(stage, stage in rule.any_of)
        case Consent() | MayReceive() | Fatigue() | Engagement() | Messages():
            return reached.look(rule, facts, setting)
        case Tagged(tag):
            return Look(list(facts.tags), tag in facts.tags)
        case ComesFrom(source):
            return Look(list(facts.sources), source in facts.sources)
        case InSegment(segment_id):
            return _both(holds(setting.rule_of(segment_id), facts, setting))
        case _:
            assert_never(rule)


def turns(rule: Rule, facts: Facts, setting: Setting) -> Iterator[datetime]:
    """Instants at which the answer of a single condition may change, past ones too; of those that
    are still to come at least the first."""
    match rule:
        case AllOf() | AnyOf() | Not():
            for _, part in parts_of(rule):
                yield from turns(part, facts, setting)
        case Date() if rule.days is not None and (at := getattr(facts, rule.field)):
            yield from ([at] if rule.test == "within" else [])
            yield _after(at, timedelta(days=rule.days))
        case OrderCount() | OrderValue() | Bought() if rule.window.days is not None:
            window = timedelta(days=rule.window.days)
            for bought in _counted(rule, facts):
                yield from (bought.placed_at, _after(bought.placed_at, window))
        case Visits() if rule.window.days is not None:
            window = timedelta(days=rule.window.days)
            for at in facts.visited:
                yield from (at, _after(at, window))
        case Stage() if (active := facts.active_at) is not None:
            windows = setting.shop.lifecycle
            days = (0, windows.at_risk_days, windows.churned_days)
            yield from (_after(active, timedelta(days=count)) for count in days)
        case Consent() | MayReceive() | Fatigue() | Engagement() | Messages():
            yield from reached.turns(rule, facts, setting)
        case InSegment(segment_id):
            yield from turns(setting.rule_of(segment_id), facts, setting)


def within(purchases: Sequence[Purchase], window: Window, now: datetime) -> list[Purchase]:
    return [one for one in purchases if is_within(one.placed_at, window, now)]


def is_within(at: datetime, window: Window, now: datetime) -> bool:
    if window.days is not None:
        return now - timedelta(days=window.days) < at <= now
    start, end = window.start, window.end
    return (start is None or at >= start) and (end is None or at < end)


def stage_of(facts: Facts, setting: Setting) -> StageName:
    """As `aggregates.profile.lifecycle` has it, if the customer did nothing after the last sign."""
    if facts.active_at is None or facts.active_at > setting.now:
        return "new"
    quiet, windows = setting.now - facts.active_at, setting.shop.lifecycle
    if quiet >= timedelta(days=windows.churned_days):
        return "churned"
    if facts.active_stage != "new" and quiet >= timedelta(days=windows.at_risk_days):
        return "at_risk"
    return facts.active_stage


def folded(text: str) -> str:
    """Without capitals of A to Z: more the database cannot be trusted with, whatever its locale."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def exponent_of(currency: str | None) -> int:
    return EXPONENTS.get(currency or "", 2)


def _after(at: datetime, span: timedelta) -> datetime:
    """Never beyond the end of the calendar, where a wrong date in an order may lead."""
    try:
        return at + span
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _both(passed: bool) -> Look:
    return Look(passed, passed)


def _text(rule: TextIs, facts: Facts) -> bool:
    is_name = rule.field == "name"
    held: str | None = facts.name_key if is_name else getattr(facts, rule.field)
    if held is None or rule.value is None:
        return held is not None and rule.test == "is_known"
    held, value = (held, plain(rule.value)) if is_name else (folded(held), folded(rule.value))
    tests = {"is": str.__eq__, "contains": str.__contains__, "starts_with": str.startswith}
    return bool(tests[rule.test](held, value))


def _date(rule: Date, held: datetime | None, now: datetime) -> bool:
    if held is None:
        return False
    if rule.at is not None:
        return held < rule.at if rule.test == "before" else held >= rule.at
    if rule.days is None:
        return True
    since = now - timedelta(days=rule.days)
    return since < held <= now if rule.test == "within" else held <= since


def _visits(rule: Visits, facts: Facts, now: datetime) -> int:
    if rule.window == EVER:
        return facts.visits
    return sum(is_within(at, rule.window, now) for at in facts.visited)


def _order_value(rule: OrderValue, facts: Facts, now: datetime) -> Look:
    totals = [one.total for one in within(_counted(rule, facts), rule.window, now)]
    if rule.measure == "total":
        return _amount(Decimal(sum(totals)), rule, facts)
    if not totals:
        return Look(None, False)
    average = (Decimal(sum(totals)) / len(totals)).quantize(Decimal(1), ROUND_HALF_UP)
    return _amount(average, rule, facts)


def _amount(minor: Decimal, rule: Spend | OrderValue, facts: Facts) -> Look:
    amount = minor.scaleb(-exponent_of(facts.currency))
    return Look(amount, COMPARED[rule.compare](amount, Decimal(rule.amount)))


def _counted(rule: OrderCount | OrderValue | Bought, facts: Facts) -> list[Purchase]:
    match rule:
        case OrderValue():
            return [one for one in facts.purchases if one.currency == facts.currency]
        case Bought():
            return [one for one in facts.purchases if any(_is(rule, line) for line in one.lines)]
    return list(facts.purchases)


def _with(rule: Bought, facts: Facts, now: datetime) -> list[Purchase]:
    return within(_counted(rule, facts), rule.window, now)


def _is(rule: Bought, line: Line) -> bool:
    if rule.title is not None:
        return line.title is not None and folded(rule.title) in folded(line.title)
    if rule.sku is not None:
        return line.sku == rule.sku
    return line.product_id == rule.product_id

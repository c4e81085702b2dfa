"""What a rule must be besides well-formed; each complaint names its place in the rule."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from projections.segments.rule import (
    EVER,
    KINDS,
    Bought,
    ComesFrom,
    Date,
    Engagement,
    Fatigue,
    InSegment,
    MayReceive,
    Messages,
    OrderCount,
    OrderValue,
    Rule,
    Tagged,
    TextIs,
    Visits,
    Window,
    parts_of,
)

MAX_DEPTH = 20
MAX_CONDITIONS = 200  # with those of the segments that a rule names
# conditions on single orders, messages or visits: each costs a pass over all of them
MAX_OVER_MANY = 20
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
RuleOf = Callable[[UUID], Rule | None]


class Wrong(NamedTuple):
    place: str
    problem: str


def wrongs(rule: Rule, place: str = "rule", depth: int = 1) -> Iterator[Wrong]:
    """What is wrong with the rule by itself."""
    if depth > MAX_DEPTH:
        yield Wrong(place, f"is nested more than {MAX_DEPTH} deep")
        return
    yield from (Wrong(f"{place}{found.place}", found.problem) for found in _of_one(rule))
    for below, part in parts_of(rule):
        yield from wrongs(part, f"{place}.{below}", depth + 1)


def wrong_references(rule: Rule, rule_of: RuleOf, place: str = "rule") -> Iterator[Wrong]:
    """Segments that do not exist or lead back to `rule`, and what is too much with theirs."""
    seen: list[Rule] = []
    yield from _followed(rule, rule_of, place, (), seen)
    if sum(map(_looks_at_many, seen)) > MAX_OVER_MANY:
        yield Wrong(
            place, f"has more than {MAX_OVER_MANY} conditions on single orders, messages or visits"
        )


def _followed(
    rule: Rule, rule_of: RuleOf, place: str, above: tuple[UUID, ...], seen: list[Rule]
) -> Iterator[Wrong]:
    seen.append(rule)
    if len(seen) > MAX_CONDITIONS:
        if len(seen) == MAX_CONDITIONS + 1:
            yield Wrong(place, f"has more than {MAX_CONDITIONS} conditions")
        return
    if isinstance(rule, InSegment):
        named = rule_of(rule.segment_id)
        if named is None:
            yield Wrong(f"{place}.segment_id", "there is no such segment in this namespace")
        elif rule.segment_id in above:
            yield Wrong(f"{place}.segment_id", "the segment would depend on itself")
        else:
            yield from _followed(named, rule_of, place, (*above, rule.segment_id), seen)
    for below, part in parts_of(rule):
        yield from _followed(part, rule_of, f"{place}.{below}" if not above else place, above, seen)


def _looks_at_many(rule: Rule) -> bool:
    if isinstance(rule, Visits):
        return rule.window != EVER
    orders = OrderCount | OrderValue | Bought
    return isinstance(rule, orders | MayReceive | Fatigue | Engagement | Messages)


def _of_one(rule: Rule) -> Iterator[Wrong]:
    if isinstance(rule, TextIs | Date):
        yield from _field(rule)
    match rule:
        case TextIs():
            yield from _text(rule)
        case Date():
            yield from _date(rule)
        case OrderCount() | OrderValue() | Visits():
            yield from _window(rule.window)
        case Bought():
            yield from _bought(rule)
            yield from _window(rule.window)
        case Messages(campaign=campaign):
            yield from _storable(".campaign", campaign)
        case Tagged(text) | ComesFrom(text):
            yield from _storable("", text)


def _field(rule: TextIs | Date) -> Iterator[Wrong]:
    """Texts are not compared with numbers."""
    kind = str(rule.__struct_config__.tag)
    if rule.field not in KINDS[kind]:
        (right,) = [one for one, fields in KINDS.items() if rule.field in fields] or [rule.field]
        wanted = f"the kind {kind} is about {', '.join(KINDS[kind])}"
        yield Wrong(".field", f"{rule.field} takes the kind {right}; {wanted}")


def _text(rule: TextIs) -> Iterator[Wrong]:
    if (rule.test == "is_known") == (rule.value is not None):
        needs = "takes no value" if rule.value is not None else "needs a value"
        yield Wrong(".value", f"the test {rule.test} {needs}")
    yield from _storable(".value", rule.value)


def _date(rule: Date) -> Iterator[Wrong]:
    needed = {"before": "at", "after": "at", "within": "days", "beyond": "days"}.get(rule.test)
    for member, given in (("at", rule.at), ("days", rule.days)):
        if (member == needed) != (given is not None):
            does = "takes no" if given is not None else "needs"
            yield Wrong(f".{member}", f"the test {rule.test} {does} {member}")
    yield from _instant(".at", rule.at)


def _bought(rule: Bought) -> Iterator[Wrong]:
    given = {name: getattr(rule, name) for name in ("product_id", "sku", "title")}
    if sum(value is not None for value in given.values()) != 1:
        yield Wrong("", "give exactly one of product_id, sku, title")
    for name, value in given.items():
        yield from _storable(f".{name}", value)


def _window(window: Window) -> Iterator[Wrong]:
    start, end = window.start, window.end
    if window.days is not None and (start or end):
        yield Wrong(".window", "give days, or from and until, not both")
    if start and end and start >= end:
        yield Wrong(".window.until", "must be later than from")
    yield from _instant(".window.from", start)
    yield from _instant(".window.until", end)


def _instant(place: str, at: datetime | None) -> Iterator[Wrong]:
    if at is not None and not EARLIEST <= at <= LATEST:
        yield Wrong(place, f"must be between {EARLIEST:%Y} and {LATEST:%Y}")


def _storable(place: str, text: str | None) -> Iterator[Wrong]:
    if text is not None and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        yield Wrong(place, "holds a character that no text of a customer has")

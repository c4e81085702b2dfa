"""Reads the words of `wording` back into a rule; errors say where, and what was expected there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar, get_args
from uuid import UUID

import msgspec

from projections.segments.checking import MAX_DEPTH
from projections.segments.rule import (
    KINDS,
    MESSAGE_DAYS,
    MOST_PARTS,
    AllOf,
    AnyOf,
    ComesFrom,
    ConsentState,
    Deed,
    InSegment,
    Not,
    Rule,
    StageName,
    Tagged,
)
from projections.segments.tokens import Reader
from projections.segments.wording import (
    CHANNELS,
    COMPARES,
    DATES,
    MEASURES,
    PRODUCTS,
    QUIET_HOURS,
    TESTS,
)

STAGES: tuple[StageName, ...] = get_args(StageName)
STATES: tuple[ConsentState, ...] = get_args(ConsentState)
DEEDS: tuple[Deed, ...] = get_args(Deed)
MAX_DAYS = 36_500
T = TypeVar("T")
_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def parsed(text: str) -> Rule:
    """Raises Misunderstood."""
    reader = Reader(text)
    rule = _either(reader, 1)
    reader.end()
    return rule


def _either(reader: Reader, depth: int) -> Rule:
    parts = _listed(reader, lambda: _both(reader, depth), "or", MOST_PARTS)
    return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]


def _both(reader: Reader, depth: int) -> Rule:
    parts = _listed(reader, lambda: _one(reader, depth), "and", MOST_PARTS)
    return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]


def _one(reader: Reader, depth: int) -> Rule:
    if depth > 2 * MAX_DEPTH:
        raise reader.misunderstood("fewer parentheses")
    if reader.takes("not"):
        return Not(_one(reader, depth + 1))
    if reader.takes("("):
        return _enclosed(reader, depth)
    if reader.takes("all of ("):
        return AllOf((_enclosed(reader, depth),))
    if reader.takes("any of ("):
        return AnyOf((_enclosed(reader, depth),))
    for phrase, read in STARTS.items():
        if reader.takes(phrase):
            return read(reader)
    raise reader.misunderstood(f"a condition: not, (, {', '.join(STARTS)}")


def _enclosed(reader: Reader, depth: int) -> Rule:
    rule = _either(reader, depth + 1)
    reader.needs(")")
    return rule


def _text(field: str) -> Callable[[Reader], Rule]:
    def read(reader: Reader) -> Rule:
        if reader.takes("is known"):
            return _made({"kind": "text", "field": field, "test": "is_known"})
        test = _named(reader, TESTS, "is known")
        return _made({"kind": "text", "field": field, "test": test, "value": reader.quoted()})

    return read


def _visits(reader: Reader) -> Rule:
    compare, count = _named(reader, COMPARES), _whole(reader)
    reader.takes("times")  # who has just written of orders says so
    return _made({"kind": "visits", "compare": compare, "count": count, "window": _window(reader)})


def _spend(reader: Reader) -> Rule:
    return _made({"kind": "spend", "compare": _named(reader, COMPARES), "amount": _amount(reader)})


def _date(field: str) -> Callable[[Reader], Rule]:
    def read(reader: Reader) -> Rule:
        tests = {"before", "after", "within the last", "more than", "is known"}
        said = reader.one_of(sorted(tests))
        told: dict[str, object] = {"kind": "date", "field": field}
        match said:
            case "before" | "after":
                return _made({**told, "test": said, "at": _instant(reader)})
            case "is known":
                return _made({**told, "test": "is_known"})
            case "within the last":
                return _made({**told, "test": "within", "days": _days(reader)})
        days = _days(reader)
        reader.needs("ago")
        return _made({**told, "test": "beyond", "days": days})

    return read


def _bought(reader: Reader) -> Rule:
    for name, phrase in PRODUCTS.items():
        if reader.takes(phrase):
            value = reader.quoted()
            times = _times(reader, least=1) if reader.takes("at least") else 1
            told = {"kind": "bought", name: value, "times": times}
            return _made({**told, "window": _window(reader)})
    compare = _named(reader, COMPARES, *PRODUCTS.values())
    count = _times(reader)
    return _made({"kind": "orders", "compare": compare, "count": count, "window": _window(reader)})


def _order_value(measure: str) -> Callable[[Reader], Rule]:
    def read(reader: Reader) -> Rule:
        told = {"kind": "order_value", "measure": measure, "compare": _named(reader, COMPARES)}
        return _made({**told, "amount": _amount(reader), "window": _window(reader)})

    return read


def _stage(reader: Reader) -> Rule:
    return _made({"kind": "stage", "any_of": _some_of(reader, STAGES)})


def _opted(reader: Reader) -> Rule:
    return _made({"kind": "consent", "channel": _channel(reader), "any_of": ["subscribed"]})


def _consent(reader: Reader) -> Rule:
    channel = _channel(reader)
    reader.needs("is")
    return _made({"kind": "consent", "channel": channel, "any_of": _some_of(reader, STATES)})


def _may_receive(reader: Reader) -> Rule:
    told = {"kind": "may_receive", "channel": _channel(reader)}
    return _made({**told, "quiet_hours": _named(reader, QUIET_HOURS)})


def _fatigue(reader: Reader) -> Rule:
    compare, expected = _named(reader, COMPARES), "a number from 0 to 1 such as 0.7"
    score = reader.word(r"0(\.[0-9]{1,2})?|1(\.0{1,2})?", expected)
    return _made({"kind": "fatigue", "compare": compare, "score": score})


def _engagement(reader: Reader) -> Rule:
    compare = _named(reader, COMPARES)
    score = reader.word("[0-9]{1,2}|100", "a whole number from 0 to 100")
    return _made({"kind": "engagement", "compare": compare, "score": int(score)})


def _messages(reader: Reader) -> Rule:
    did, compare, count = reader.one_of(DEEDS), _named(reader, COMPARES), _whole(reader)
    days = _days(reader, MESSAGE_DAYS) if reader.takes("in the last") else MESSAGE_DAYS
    told = {"kind": "messages", "did": did, "compare": compare, "count": count, "days": days}
    channel = _channel(reader) if reader.takes("on") else None
    campaign = reader.quoted() if reader.takes("from campaign") else None
    return _made({**told, "channel": channel, "campaign": campaign})


def _segment(reader: Reader) -> Rule:
    return InSegment(UUID(reader.word(_UUID, "the id of a segment")))


STARTS: Mapping[str, Callable[[Reader], Rule]] = {
    "everybody": lambda _: AllOf(()),
    "nobody": lambda _: AnyOf(()),
    **{field: _text(field) for field in KINDS["text"]},
    "visits": _visits,
    "lifetime spend": _spend,
    **{phrase: _date(field) for field, phrase in DATES.items()},
    **{phrase: _order_value(measure) for measure, phrase in MEASURES.items()},
    "bought": _bought,
    "stage is": _stage,
    "opted into": _opted,
    "consent for": _consent,
    "may receive": _may_receive,
    "fatigue": _fatigue,
    "engagement": _engagement,
    "messages": _messages,
    "tagged": lambda reader: Tagged(reader.quoted()),
    "comes from": lambda reader: ComesFrom(reader.quoted()),
    "in segment": _segment,
}


def _made(told: Mapping[str, object]) -> Rule:
    rule: Rule = msgspec.convert(told, Rule, builtin_types=(datetime,))
    return rule


def _some_of(reader: Reader, names: Sequence[str]) -> list[str]:
    return _listed(reader, lambda: reader.one_of(names), ",", len(names))


def _listed(reader: Reader, read: Callable[[], T], between: str, most: int) -> list[T]:
    """As many as the rule itself may have, or it could be written but never read again."""
    found = [read()]
    while reader.takes(between):
        if len(found) == most:
            raise reader.misunderstood(f"no more than {most} with `{between}` between them")
        found.append(read())
    return found


def _channel(reader: Reader) -> str:
    return _named(reader, {name: said.lower() for name, said in CHANNELS.items()})


def _named(reader: Reader, names: Mapping[str, str], *also: str) -> str:
    """The name of the phrase that comes next; `also` are other things that might."""
    for name, phrase in names.items():
        if reader.takes(phrase):
            return name
    raise reader.misunderstood(" or ".join([*names.values(), *also]))


def _window(reader: Reader) -> dict[str, object]:
    if reader.takes("in the last"):
        return {"days": _days(reader)}
    if reader.takes("from"):
        return {"from": _instant(reader)}
    if reader.takes("until"):
        return {"until": _instant(reader)}
    if reader.takes("between"):
        start = _instant(reader)
        reader.needs("and")
        return {"from": start, "until": _instant(reader)}
    return {}


def _times(reader: Reader, least: int = 0) -> int:
    count = _whole(reader)
    if count < least:
        raise reader.misunderstood(f"{least} or more before this")
    reader.one_of(("times", "time"))
    return count


def _days(reader: Reader, most: int = MAX_DAYS) -> int:
    days = _whole(reader)
    if not 1 <= days <= most:
        raise reader.misunderstood(f"1 to {most:,} before this")
    reader.one_of(("days", "day"))
    return days


def _whole(reader: Reader) -> int:
    return int(reader.word("[0-9]{1,9}", "a whole number"))


def _amount(reader: Reader) -> str:
    return reader.word(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", "a number such as 80 or 19.90")


def _instant(reader: Reader) -> datetime:
    expected = "a day or an instant such as 2026-11-21T10:00:00Z"
    said = reader.word(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9:.]+([Zz]|[+-][0-9:]+))?", expected)
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise reader.misunderstood(f"{expected} before this") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

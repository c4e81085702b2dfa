"""A rule in words, as `parsing` reads them."""

import json
from datetime import UTC, datetime
from typing import assert_never

from projections.segments.rule import (
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
    Window,
)

DATES = {
    "first_order_at": "first order", "last_order_at": "last order", "created_at": "created",
    "last_activity_at": "last activity",
}  # fmt: skip
MEASURES = {"total": "order total", "average": "average order value"}
COMPARES = {
    "at_least": "at least", "at_most": "at most", "exactly": "exactly", "over": "over",
    "under": "under",
}  # fmt: skip
PRODUCTS = {"product_id": "product", "sku": "sku", "title": "title containing"}
CHANNELS = {"email": "email", "sms": "SMS", "whatsapp": "WhatsApp", "push": "push"}
QUIET_HOURS = {"kept": "now", "ignored": "apart from quiet hours"}
TESTS = {"is": "is", "contains": "contains", "starts_with": "starts with"}


def worded(rule: Rule) -> str:  # noqa: C901, PLR0911, PLR0912 - one arm a kind
    match rule:
        case AllOf():
            return _joined(rule.all, " and ", "everybody", "all of")
        case AnyOf():
            return _joined(rule.any, " or ", "nobody", "any of")
        case Not():
            return f"not {_enclosed(rule.rule)}"
        case TextIs():
            said = "is known" if rule.value is None else f"{TESTS[rule.test]} {quoted(rule.value)}"
            return f"{rule.field} {said}"
        case Visits():
            return f"visits {COMPARES[rule.compare]} {rule.count}{_window(rule.window)}"
        case Spend():
            return f"lifetime spend {COMPARES[rule.compare]} {rule.amount}"
        case Date():
            return f"{DATES[rule.field]} {_dated(rule)}"
        case OrderCount():
            compare = COMPARES[rule.compare]
            return f"bought {compare} {_times(rule.count)}{_window(rule.window)}"
        case OrderValue():
            compare = f"{MEASURES[rule.measure]} {COMPARES[rule.compare]}"
            return f"{compare} {rule.amount}{_window(rule.window)}"
        case Bought():
            return f"bought {_product(rule)} at least {_times(rule.times)}{_window(rule.window)}"
        case Stage():
            return f"stage is {', '.join(rule.any_of)}"
        case Consent(channel, states):
            if states == ("subscribed",):
                return f"opted into {CHANNELS[channel]}"
            return f"consent for {CHANNELS[channel]} is {', '.join(states)}"
        case MayReceive():
            return f"may receive {CHANNELS[rule.channel]} {QUIET_HOURS[rule.quiet_hours]}"
        case Fatigue() | Engagement():
            kind = rule.__struct_config__.tag
            return f"{kind} {COMPARES[rule.compare]} {rule.score}"
        case Messages():
            compare = f"messages {rule.did} {COMPARES[rule.compare]} {rule.count}"
            return f"{compare} in the last {_days(rule.days)}{_about(rule)}"
        case Tagged(tag):
            return f"tagged {quoted(tag)}"
        case ComesFrom(source):
            return f"comes from {quoted(source)}"
        case InSegment(segment_id):
            return f"in segment {segment_id}"
        case _:
            assert_never(rule)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _joined(parts: tuple[Rule, ...], word: str, none: str, one: str) -> str:
    if not parts:
        return none
    if len(parts) == 1:
        return f"{one} ({worded(parts[0])})"
    return word.join(map(_enclosed, parts))


def _enclosed(rule: Rule) -> str:
    several = (isinstance(rule, AllOf) and len(rule.all) > 1) or (
        isinstance(rule, AnyOf) and len(rule.any) > 1
    )
    return f"({worded(rule)})" if several else worded(rule)


def _dated(rule: Date) -> str:
    if rule.at is not None:
        return f"{rule.test} {instant(rule.at)}"
    if rule.days is None:
        return "is known"
    days = _days(rule.days)
    return f"within the last {days}" if rule.test == "within" else f"more than {days} ago"


def _product(rule: Bought) -> str:
    (said,) = (
        f"{word} {quoted(value)}"
        for name, word in PRODUCTS.items()
        if (value := getattr(rule, name)) is not None
    )
    return said


def _window(window: Window) -> str:
    if window.days is not None:
        return f" in the last {_days(window.days)}"
    if window.start and window.end:
        return f" between {instant(window.start)} and {instant(window.end)}"
    if window.start:
        return f" from {instant(window.start)}"
    return f" until {instant(window.end)}" if window.end else ""


def _about(rule: Messages) -> str:
    channel = f" on {CHANNELS[rule.channel]}" if rule.channel else ""
    return channel + (f" from campaign {quoted(rule.campaign)}" if rule.campaign else "")


def _times(count: int) -> str:
    return f"{count} {'time' if count == 1 else 'times'}"


def _days(count: int) -> str:
    return f"{count} {'day' if count == 1 else 'days'}"

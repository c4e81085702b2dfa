"""Consent and the gate, on the facts of one customer in plain Python."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from aggregates.gate import decision
from aggregates.gate.caps import of_today
from aggregates.gate.facts import WEEK, Asked, Facts, Held, Sent
from aggregates.gate.fatigue import score, sent_7d
from aggregates.profile.sending import AHEAD
from projections.places import place_at
from projections.reach import Mail, Stand
from projections.segments.local_day import local_day
from projections.segments.rule import Channel, MayReceive
from projections.segments.setting import Setting

YES = "it may"


def stand_at(stands: Sequence[Stand], channel: Channel, at: datetime) -> Stand | None:
    return next((one for one in stands if one.channel == channel and _spans(one, at)), None)


def answer(rule: MayReceive, stands: Sequence[Stand], mails: Sequence[Mail], by: Setting) -> str:
    """`YES`, or why not: how consent stands, or the reason that the gate would give."""
    stand = stand_at(stands, rule.channel, by.now)
    if stand is None or stand.state != "subscribed":
        return stand.state if stand else "never"
    reason = decision.decide(_facts(stand, mails, by), by.shop.messaging, by.now).reason
    if reason is None or (reason == "quiet_hours" and rule.quiet_hours == "ignored"):
        return YES
    return reason


def answer_turns(
    rule: MayReceive, stands: Sequence[Stand], mails: Sequence[Mail], by: Setting
) -> Iterator[datetime]:
    stand = stand_at(stands, rule.channel, by.now)
    if stand is None:
        return
    yield from [stand.until] if stand.until else []
    if stand.state == "subscribed":
        yield from fatigue_turns(mails, by)
        yield from _day_turns(rule, stand, mails, by)


def fatigue(mails: Sequence[Mail], by: Setting) -> Decimal:
    counted = _counted(mails, by).as_of(by.now)
    return Decimal(str(score(sent_7d(counted, by.now))))


def fatigue_turns(mails: Sequence[Mail], by: Setting) -> Iterator[datetime]:
    """When what counts now ceases to, and what does not count yet begins to."""
    for at, until, _ in _lately(mails, by):
        if at > by.now + AHEAD:
            yield at - AHEAD
        else:
            yield until or at + WEEK


def _day_turns(
    rule: MayReceive, stand: Stand, mails: Sequence[Mail], by: Setting
) -> Iterator[datetime]:
    day = local_day(stand.place, rule.channel, by.shop, by.now)
    if of_today(_facts(stand, mails, by).as_of(by.now), by.now):
        yield day.ends
    if rule.quiet_hours == "kept" and day.quiet_turns_at is not None:
        yield day.quiet_turns_at


def _facts(stand: Stand, mails: Sequence[Mail], by: Setting) -> Facts:
    place = place_at(stand.place, by.shop.clock.time_zone)
    return _counted(mails, by)._replace(asked=Asked(stand.channel), place=place)


def _counted(mails: Sequence[Mail], by: Setting) -> Facts:
    """What the gate counts."""
    lately = list(_lately(mails, by))
    return Facts(
        Asked("email"),
        sent=tuple(Sent(_seen(at, by.now), on) for at, until, on in lately if until is None),
        held=tuple(Held(_seen(at, by.now), until, on) for at, until, on in lately if until),
    )


def _lately(
    mails: Sequence[Mail], by: Setting
) -> Iterator[tuple[datetime, datetime | None, Channel]]:
    """Nothing is reserved for as long as a week."""
    for mail in mails:
        if mail.at is None or mail.channel is None or by.now - mail.at >= WEEK:
            continue
        if mail.until is not None and mail.until <= by.now:
            continue
        if mail.marketing or by.shop.messaging.transactional_counts:
            yield mail.at, mail.until, mail.channel


def _seen(at: datetime, now: datetime) -> datetime:
    """A clock that is a little ahead of ours tells of now."""
    return now if now < at <= now + AHEAD else at


def _spans(one: Stand, at: datetime) -> bool:
    return one.since <= at and (one.until is None or at < one.until)

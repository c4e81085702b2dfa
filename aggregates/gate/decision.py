"""The gate: consent, caps, fatigue, quiet hours. The first that fails stops."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from aggregates.gate.caps import free_again, sent_today
from aggregates.gate.days import day_of
from aggregates.gate.facts import Asked, Facts, ZoneFrom
from aggregates.gate.fatigue import is_tired, rested, score, sent_7d
from aggregates.gate.quiet_hours import is_quiet, quiet_until
from aggregates.profile.channels import Channel, OnBlock
from aggregates.shop.messaging_rules import MessagingRules


class Check(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing looked at, with its own numbers only.

    `caps` without a `channel` is the cap over all of them. `held` of the `count` are reservations
    that were not confirmed yet. Quiet hours name the `region` if it has its own, the `day` if it is
    a quiet one, and all `time_zones` where it may be any of several.
    """

    check: Literal["consent", "caps", "fatigue", "quiet_hours"]
    passed: bool
    reason: str | None = None
    channel: Channel | None = None
    count: int | None = None
    held: int | None = None
    limit: int | None = None
    day: str | None = None
    score: float | None = None
    threshold: float | None = None
    exempt: bool | None = None
    start: str | None = None
    end: str | None = None
    local_time: str | None = None
    time_zone: str | None = None
    time_zone_from: ZoneFrom | None = None
    time_zones: tuple[str, ...] | None = None
    region: str | None = None


class Reservation(Struct, frozen=True):
    """A granted send that counts until it expires; confirm it before handing the message over."""

    id: str
    expires_at: datetime


class Decision(Struct, frozen=True):
    """`retry_at`: the first instant at which the check that failed can pass if nothing more is
    sent; null where time alone does not help. `on_block`: what becomes of the message, null where
    it is allowed."""

    allowed: bool
    reason: str | None
    retry_at: datetime | None
    on_block: OnBlock | None
    checks: tuple[Check, ...]
    reservation: Reservation | None = None


Retry: TypeAlias = Callable[[], datetime | None]


def decide(facts: Facts, rules: MessagingRules, at: datetime) -> Decision:
    """What was known as of `at` decides; nothing else does."""
    then = facts.as_of(at)
    done: list[Check] = []
    for check, retry in _checks(then, rules, at):
        done.append(check)
        if not check.passed:
            return _blocked(then.asked, rules, tuple(done), retry())
    return Decision(True, None, None, None, tuple(done))


def _blocked(
    asked: Asked, rules: MessagingRules, done: tuple[Check, ...], retry_at: datetime | None
) -> Decision:
    too_late = asked.deadline is not None and (retry_at is None or retry_at > asked.deadline)
    on_block: OnBlock = "exit" if too_late else rules.after_block(asked.source)
    return Decision(False, done[-1].reason, retry_at, on_block, done)


def _checks(facts: Facts, rules: MessagingRules, at: datetime) -> Iterator[tuple[Check, Retry]]:
    """In their order. When it can pass again is computed only for the one that fails."""
    refused = facts.refusal
    yield Check(check="consent", passed=refused is None, reason=refused), lambda: None
    if facts.asked.message_class == "transactional":
        return
    channel = facts.asked.channel
    if rules.daily_cap is not None:
        yield _cap(facts, rules.daily_cap, at, None)
    if (cap := rules.cap_of(channel)) is not None:
        yield _cap(facts.on(channel), cap, at, channel)
    if rules.fatigue_threshold is not None:
        yield _fatigue(facts, rules.fatigue_threshold, at)
    yield _quiet_hours(facts, rules, at)


def _cap(facts: Facts, limit: int, at: datetime, channel: Channel | None) -> tuple[Check, Retry]:
    count, place = sent_today(facts, at), facts.place
    name = f"channel_cap_reached:{channel}" if channel else "daily_cap_reached"
    check = Check(
        check="caps",
        passed=count < limit,
        reason=f"{name}:{count}/{limit}" if count >= limit else None,
        channel=channel,
        count=count,
        held=facts.still_held(at),
        limit=limit,
        day=day_of(at, place.zone).isoformat(),
        time_zone=place.name,
        time_zone_from=place.known_from,
    )
    return check, lambda: free_again(facts, limit, at)


def _fatigue(facts: Facts, threshold: float, at: datetime) -> tuple[Check, Retry]:
    count = sent_7d(facts, at)
    tired = is_tired(count, threshold)
    check = Check(
        check="fatigue",
        passed=not tired,
        reason="fatigue" if tired else None,
        count=count,
        held=facts.still_held(at),
        score=score(count),
        threshold=threshold,
    )
    return check, lambda: rested(facts, threshold, at)


def _quiet_hours(facts: Facts, rules: MessagingRules, at: datetime) -> tuple[Check, Retry]:
    """Where it may be any of several clocks it is told of one where it is quiet, if there is."""
    hours = rules.quiet_hours.within(facts.place.regions)
    if facts.asked.channel in hours.exempt:
        return Check(check="quiet_hours", passed=True, exempt=True), lambda: None
    places = facts.place.possible or (facts.place,)
    asleep = next((one for one in places if is_quiet(at, one.zone, hours)), None)
    place = asleep or places[0]
    there = at.astimezone(place.zone)
    check = Check(
        check="quiet_hours",
        passed=asleep is None,
        reason="quiet_hours" if asleep else None,
        day=there.date().isoformat() if hours.is_quiet_day(there.date()) else None,
        start=hours.start,
        end=hours.end,
        local_time=f"{there:%H:%M:%S}",
        time_zone=place.name,
        time_zone_from=place.known_from,
        time_zones=tuple(one.name for one in facts.place.possible) or None,
        region=next((one for one in facts.place.regions if one in rules.quiet_hours.regions), None),
    )
    return check, lambda: quiet_until(at, [one.zone for one in places], hours)


def reserved(decision: Decision, reservation: Reservation) -> Decision:
    return replace(decision, reservation=reservation)

"""The gate: consent, caps, fatigue, quiet hours. The first that fails stops."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from aggregates.gate.caps import free_again, of_today
from aggregates.gate.days import day_of
from aggregates.gate.facts import Asked, Facts, Place, ZoneFrom
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


def decide(facts: Facts, rules: MessagingRules, at: datetime) -> Decision:
    """What was known as of `at` decides; nothing else does."""
    then = facts.as_of(at)
    done: list[Check] = []
    for check in _checks(then, rules, at):
        done.append(check)
        if not check.passed:
            return _blocked(then.asked, rules, tuple(done), _again(check, then, rules, at))
    return Decision(True, None, None, None, tuple(done))


def _blocked(
    asked: Asked, rules: MessagingRules, done: tuple[Check, ...], retry_at: datetime | None
) -> Decision:
    too_late = asked.deadline is not None and (retry_at is None or retry_at > asked.deadline)
    on_block: OnBlock = "exit" if too_late else rules.after_block(asked.source)
    return Decision(False, done[-1].reason, retry_at, on_block, done)


def _again(failed: Check, facts: Facts, rules: MessagingRules, at: datetime) -> datetime | None:
    """The first instant at which it can pass, if nothing more is sent."""
    match failed:
        case Check(check="caps", channel=channel, limit=limit) if limit is not None:
            return free_again(facts.on(channel) if channel else facts, limit, at)
        case Check(check="fatigue", threshold=threshold) if threshold is not None:
            return rested(facts, threshold, at)
        case Check(check="quiet_hours"):
            hours = rules.quiet_hours.within(facts.place.regions)
            return quiet_until(at, [one.zone for one in facts.place.each], hours)
        case _:
            return None


def _checks(facts: Facts, rules: MessagingRules, at: datetime) -> Iterator[Check]:
    """In their order."""
    refused = facts.refusal
    yield Check(check="consent", passed=refused is None, reason=refused)
    if facts.asked.message_class == "transactional":
        return
    yield from _caps(facts, rules, at)
    if rules.fatigue_threshold is not None:
        yield _fatigue(facts, rules.fatigue_threshold, at)
    yield _quiet_hours(facts, rules, at)


def _caps(facts: Facts, rules: MessagingRules, at: datetime) -> Iterator[Check]:
    """Over all channels, then on the one that is asked for."""
    channel = facts.asked.channel
    limit, own = rules.daily_cap, rules.cap_of(channel)
    if limit is None and own is None:
        return
    counted, held = of_today(facts, at), facts.still_held(at)
    day = day_of(at, facts.place.zone).isoformat()
    if limit is not None:
        yield _cap(facts.place, day, limit, None, len(counted), len(held))
    if own is not None:
        there = counted.count(channel), held.count(channel)
        yield _cap(facts.place, day, own, channel, *there)


def _cap(
    place: Place, day: str, limit: int, channel: Channel | None, count: int, held: int
) -> Check:
    name = f"channel_cap_reached:{channel}" if channel else "daily_cap_reached"
    return Check(
        check="caps",
        passed=count < limit,
        reason=f"{name}:{count}/{limit}" if count >= limit else None,
        channel=channel,
        count=count,
        held=held,
        limit=limit,
        day=day,
        time_zone=place.name,
        time_zone_from=place.known_from,
    )


def _fatigue(facts: Facts, threshold: float, at: datetime) -> Check:
    count = sent_7d(facts, at)
    tired = is_tired(count, threshold)
    return Check(
        check="fatigue",
        passed=not tired,
        reason="fatigue" if tired else None,
        count=count,
        held=len(facts.still_held(at)),
        score=score(count),
        threshold=threshold,
    )


def _quiet_hours(facts: Facts, rules: MessagingRules, at: datetime) -> Check:
    """Where it may be any of several clocks it is told of one where it is quiet, if there is."""
    hours = rules.quiet_hours.within(facts.place.regions)
    if facts.asked.channel in hours.exempt:
        return Check(check="quiet_hours", passed=True, exempt=True)
    places = facts.place.each
    asleep = next((one for one in places if is_quiet(at, one.zone, hours)), None)
    place = asleep or places[0]
    there = at.astimezone(place.zone)
    return Check(
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


def reserved(decision: Decision, reservation: Reservation) -> Decision:
    return replace(decision, reservation=reservation)

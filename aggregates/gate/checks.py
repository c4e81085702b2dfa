"""What the gate looks at, one thing after the other: consent, caps, fatigue, quiet hours."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from msgspec import Struct

from aggregates.gate.caps import of_today
from aggregates.gate.days import day_of
from aggregates.gate.facts import Facts, Place, ZoneFrom
from aggregates.gate.fatigue import is_tired, score, sent_7d
from aggregates.gate.quiet_hours import is_quiet
from aggregates.profile.channels import Channel
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


def checks(facts: Facts, rules: MessagingRules, at: datetime) -> Iterator[Check]:
    """In their order. The facts are as of `at`: what is held is still held."""
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
    counted, held = of_today(facts, at), [one.channel for one in facts.held]
    day = day_of(at, facts.place.zone).isoformat()
    if limit is not None:
        yield _cap(facts.place, day, limit, None, len(counted), len(held))
    if own is not None:
        there = counted.count(channel), held.count(channel)
        yield _cap(facts.place, day, own, channel, *there)


def _cap(
    place: Place, day: str, limit: int, channel: Channel | None, count: int, held: int
) -> Check:
    return Check(
        check="caps",
        passed=count < limit,
        reason=_full(channel, count, limit) if count >= limit else None,
        channel=channel,
        count=count,
        held=held,
        limit=limit,
        day=day,
        time_zone=place.name,
        time_zone_from=place.known_from,
    )


def _full(channel: Channel | None, count: int, limit: int) -> str:
    name = f"channel_cap_reached:{channel}" if channel else "daily_cap_reached"
    return f"{name}:{count}/{limit}"


def _fatigue(facts: Facts, threshold: float, at: datetime) -> Check:
    count = sent_7d(facts, at)
    tired = is_tired(count, threshold)
    return Check(
        check="fatigue",
        passed=not tired,
        reason="fatigue" if tired else None,
        count=count,
        held=len(facts.held),
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

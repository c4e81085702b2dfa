"""The gate: consent, caps, fatigue, quiet hours. The first that fails stops."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from aggregates.gate.caps import free_again
from aggregates.gate.checks import Check, checks
from aggregates.gate.facts import Asked, Facts
from aggregates.gate.fatigue import rested
from aggregates.gate.quiet_hours import quiet_until
from aggregates.profile.channels import OnBlock
from aggregates.shop.messaging_rules import MessagingRules


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
    for check in checks(then, rules, at):
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


def reserved(decision: Decision, reservation: Reservation) -> Decision:
    return replace(decision, reservation=reservation)

"""So many messages a calendar day of the customer's, and no more."""

from datetime import datetime

from aggregates.gate.days import day_of, next_day
from aggregates.gate.facts import Facts
from aggregates.profile.channels import Channel


def of_today(facts: Facts, at: datetime) -> list[Channel]:
    """The channel of each that has gone out on the local day of `at`, and of all that are still
    held, whichever day they were granted: they may go out any moment."""
    zone = facts.place.zone
    today = day_of(at, zone)
    gone = [one.channel for one in facts.sent if day_of(one.at, zone) == today]
    return gone + facts.still_held(at)


def free_again(facts: Facts, limit: int, at: datetime) -> datetime | None:
    """The first instant after `at` at which fewer than `limit` count, if nothing more is sent."""
    instants = sorted({next_day(at, facts.place.zone), *(one.until for one in facts.held)})
    return next((one for one in instants if one > at and len(of_today(facts, one)) < limit), None)

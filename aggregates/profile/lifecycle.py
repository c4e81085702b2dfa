"""In which of six stages of its life with the shop a customer is, at any instant.

A function of what happened, of the shop's windows and of the instant: nothing runs when a stage
ends. *Churned* comes before *at risk*, that before *loyal*, *converted*, *engaged*, *new*.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from aggregates.profile import commerce
from aggregates.profile.events import visits
from aggregates.profile.events.checkouts import Checkouts
from aggregates.profile.events.lifecycle import Stage
from aggregates.profile.profile import Profile
from aggregates.shop.lifecycle_rules import LifecycleRules


class Run(NamedTuple):
    """A stage and when it began; it lasts until the next one begins."""

    since: datetime
    stage: Stage


NOTHING: tuple[None, Stage] = (None, "new")


class Standing(NamedTuple):
    """`since` is None for somebody of whom nothing is known to have happened yet."""

    stage: Stage
    since: datetime | None
    next_change_at: datetime | None


def stage(profile: Profile, rules: LifecycleRules, at: datetime) -> Stage:
    return standing(profile, rules, at).stage


def next_change_at(profile: Profile, rules: LifecycleRules, at: datetime) -> datetime | None:
    """When the stage will be another one if nothing happens until then; None if never."""
    return standing(profile, rules, at).next_change_at


def standing(profile: Profile, rules: LifecycleRules, at: datetime) -> Standing:
    return told(runs(signs(profile), rules), at)


def told(known: Sequence[Run], at: datetime) -> Standing:
    """By stages in their order; before the first of them everybody is new."""
    place = bisect_right(known, at, key=lambda run: run.since)
    since, now = known[place - 1] if place else NOTHING
    following = (run.since for run in known[place:] if run.stage != now)
    return Standing(now, since, next(following, None))


def due_at(found: Standing, noticed: Stage, at: datetime) -> datetime | None:
    """When a change has to be noticed: now if that of today was not, else the next one."""
    return found.next_change_at if found.stage == noticed else at


def runs(known: Iterable[Run], rules: LifecycleRules) -> list[Run]:
    """All stages that follow from these signs of life, the earliest first. Two that follow each
    other differ."""
    found: list[Run] = []
    for run in _runs(known, rules):
        if not found or found[-1].stage != run.stage:
            found.append(run)
    return found


def last_activity_at(profile: Profile) -> datetime | None:
    """When the customer last did something."""
    return max(activity(profile), default=None)


def activity(profile: Profile) -> Iterator[datetime]:
    """What ends quiet: browsing, checkouts, and orders, also those that were cancelled later.

    Not what others do about a customer: refunds, parcels, tags, messages sent.
    """
    yield from visits.moments(profile.visits)
    yield from _at_checkout(profile.checkouts)
    held = profile.orders.by_id.values()
    yield from (order.picture.value.placed_at for order in held if order.picture)


def _at_checkout(checkouts: Checkouts) -> Iterator[datetime]:
    for checkout in checkouts.by_token.values():
        yield from (at for at in (*checkout.touched, checkout.completed_at) if at)


def signs(profile: Profile) -> list[Run]:
    """Moments of activity, the earliest first, each with the stage of those who are not quiet.
    They do not depend on the windows; what comes of them does: `course`."""
    reached = _reached(profile)
    moments = _moments(profile).union(run.since for run in reached)
    return [
        Run(moment, next((run.stage for run in reached if run.since <= moment), "new"))
        for moment in sorted(moments)
    ]


def last_sign(known: Sequence[Run], at: datetime) -> Run | None:
    place = bisect_right(known, at, key=lambda sign: sign.since)
    return known[place - 1] if place else None


def course(sign: Run, rules: LifecycleRules) -> Iterator[Run]:
    """The stages that follow if nothing happens after a sign of life."""
    yield sign
    with suppress(OverflowError):  # after the year 9999
        if sign.stage != "new":
            yield Run(sign.since + timedelta(days=rules.at_risk_days), "at_risk")
        yield Run(sign.since + timedelta(days=rules.churned_days), "churned")


def _runs(known: Iterable[Run], rules: LifecycleRules) -> Iterator[Run]:
    for sign, following in pairwise([*known, None]):
        assert sign is not None, "only the last has none after it"
        for run in course(sign, rules):
            if following is None or run.since < following.since:
                yield run


def _reached(profile: Profile) -> list[Run]:
    """Since when the customer has been more than new, the highest stage first. Orders count as in
    sums: one that was cancelled never was."""
    placed = [picture.placed_at for picture in commerce.counting(profile.orders)[:2]]
    found: list[Run] = []
    if len(placed) > 1:
        found.append(Run(placed[1], "loyal"))
    if placed:
        found.append(Run(placed[0], "converted"))
    if (came_back := visits.came_back_at(profile.visits)) is not None:
        found.append(Run(came_back, "engaged"))
    return found


def _moments(profile: Profile) -> set[datetime]:
    """Of activity; before the first of it, that of becoming known: by a list, or by a form."""
    moments = set(activity(profile))
    known_at = min((seen.first for seen in profile.identity.sightings.values()), default=None)
    if known_at is not None and known_at < min(moments, default=datetime.max.replace(tzinfo=UTC)):
        moments.add(known_at)
    return moments

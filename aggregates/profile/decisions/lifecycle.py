"""When a change of a customer's stage is noticed."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias, assert_never

from msgspec import Struct

from aggregates.profile.decisions.context import Context
from aggregates.profile.events.lifecycle import Event, StageChanged
from aggregates.profile.lifecycle import standing
from aggregates.profile.profile import Profile
from aggregates.shop.lifecycle_rules import LifecycleRules


class LifecycleCommand(Struct, frozen=True, forbid_unknown_fields=True):
    """Marks every lifecycle command."""


class RecordStage(LifecycleCommand, frozen=True, tag="RecordStage"):
    """Look which stage it is by the shop's `rules`. By the clock, never sent by a client.

    `at` is the clock's own time: a host whose time is a little behind must see what it saw.
    """

    at: datetime
    rules: LifecycleRules = LifecycleRules()


Command: TypeAlias = RecordStage


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    match command:
        case RecordStage(at, rules):
            yield from _noticed(profile, rules, max(at, context.now))
        case _:
            assert_never(command)


def _noticed(profile: Profile, rules: LifecycleRules, at: datetime) -> Iterator[Event]:
    """Whatever was asked for is forgotten: what is true now counts, if it was not told before."""
    held, found = profile.lifecycle, standing(profile, rules, at)
    if found.stage != held.stage:
        yield StageChanged(
            before=held.stage,
            to=found.stage,
            since=found.since,
            turn=held.turn + 1,
            at_risk_days=rules.at_risk_days,
            churned_days=rules.churned_days,
        )

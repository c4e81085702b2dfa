"""given(events).when(command).then(events): the sentence every decision test speaks."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from aggregates.profile.decide import Command, decide
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.profile import Event, Happened, fold
from aggregates.profile.source import Source

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONTEXT = Context(occurred_at=NOON, now=NOON, source=Source("shopify"))


class Outcome(NamedTuple):
    run: Callable[[], tuple[Event, ...]]

    def then(self, *expected: Event) -> None:
        assert self.run() == expected

    def then_nothing(self) -> None:
        assert self.run() == ()

    def then_rejected(self, code: str) -> None:
        with pytest.raises(Rejected) as caught:
            self.run()
        assert caught.value.code == code


class Given(NamedTuple):
    history: tuple[Event, ...]
    past: Context

    def when(self, command: Command, at: datetime = NOON) -> Outcome:
        profile = fold(Happened(event, self.past.stamp) for event in self.history)
        context = replace(CONTEXT, occurred_at=at, now=at)
        return Outcome(lambda: tuple(decide(profile, command, context)))


def given(*history: Event, at: datetime = NOON) -> Given:
    """A past in which all of `history` happened `at` one moment."""
    return Given(history, replace(CONTEXT, occurred_at=at, now=at))

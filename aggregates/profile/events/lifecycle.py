"""Where in its life with the shop a customer was seen to be, change by change.

The stage itself is computed whenever somebody asks (`aggregates.profile.lifecycle`); these events
say when it changed, for those who react to it.
"""

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias, assert_never

from msgspec import Struct, field

Stage: TypeAlias = Literal["new", "engaged", "converted", "loyal", "at_risk", "churned"]


class LifecycleEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every lifecycle event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class StageChanged(LifecycleEvent, frozen=True, tag="lifecycle.stage_changed", kw_only=True):
    """`since` is the instant of the change, however late it was noticed. The days are the windows
    of the shop's that made it so; `turn` counts what was noticed of this customer."""

    before: Stage = field(name="from")
    to: Stage
    since: datetime | None
    turn: int
    at_risk_days: int
    churned_days: int


Event: TypeAlias = StageChanged


class Lifecycle(Struct, frozen=True):
    """What was noticed last. Nobody needs to be told that a customer is new."""

    stage: Stage = "new"
    since: datetime | None = None
    turn: int = 0


def evolve(lifecycle: Lifecycle, event: Event) -> Lifecycle:
    match event:
        case StageChanged():
            noticed = Lifecycle(event.to, event.since, event.turn)
            return max(lifecycle, noticed, key=_rank)
        case _:
            assert_never(event)


def _rank(lifecycle: Lifecycle) -> tuple[int, str, str]:
    """The last turn counts; two of one turn are of two customers who became one."""
    since = lifecycle.since.isoformat() if lifecycle.since else ""
    return lifecycle.turn, since, lifecycle.stage

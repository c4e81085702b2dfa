"""What the answer of a rule depends on besides the customer: the moment and the shop."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from projections.segments.rule import Rule

ENGAGED_FROM = 2  # visits


class Windows(NamedTuple):
    """How long a customer has done nothing when the stage changes."""

    at_risk: timedelta = timedelta(days=30)
    churned: timedelta = timedelta(days=90)


def unknown(segment_id: UUID) -> Rule:
    raise LookupError(f"segment {segment_id} is not known here")


class Setting(NamedTuple):
    """`rule_of` has the rules of the segments that others name."""

    now: datetime
    windows: Windows = Windows()
    rule_of: Callable[[UUID], Rule] = unknown

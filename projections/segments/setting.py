"""What the answer of a rule depends on besides the customer: the moment and the shop."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from aggregates.shop.settings import Settings
from projections.segments.rule import Rule


def unknown(segment_id: UUID) -> Rule:
    raise LookupError(f"segment {segment_id} is not known here")


class Setting(NamedTuple):
    """`rule_of` has the rules of the segments that others name; `places` are the keys of
    those that any customer of the shop lives in."""

    now: datetime
    shop: Settings = Settings()
    rule_of: Callable[[UUID], Rule] = unknown
    places: Sequence[str] = ()

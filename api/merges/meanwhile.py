"""What happened while two were one, and to which of them: after a wrong merge, who got what?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from aggregates.log.merges import Merge
from aggregates.log.record import Record
from aggregates.profile.commerce import bought
from aggregates.profile.events import identity, orders
from aggregates.profile.events.lifecycle import LifecycleEvent
from aggregates.profile.events.lineage import Absorbed, LineageEvent
from aggregates.profile.money import Price, price
from aggregates.profile.profile import fold

OURS = (LineageEvent, LifecycleEvent)  # what we made of what happened
Side = Literal["survivor", "absorbed"]
LISTED = 200  # of one merge


class Happening(Struct, frozen=True):
    """One event; in the history of `stream` it stands as `version`."""

    side: Side
    subject: str
    type: str
    occurred_at: datetime
    stream: str
    version: int


class Sum(Struct, frozen=True):
    """Of one side. `identifiers` are the kinds that were first seen meanwhile."""

    events: int
    orders: int
    spent: Price | None
    identifiers: list[str]


class Meanwhile(Struct, frozen=True):
    """`happenings` are the newest; the sums are of all."""

    survivor: Sum
    absorbed: Sum
    happenings: list[Happening]


def meanwhile(merge: Merge, records: Iterable[Record]) -> Meanwhile:
    """`records` are about either; those of before and after are passed over."""
    told = list(records)
    theirs = _absorbed(merge, told)
    during = sorted(
        (r for r in told if _is_during(r, merge) and not isinstance(r.event, OURS)),
        key=lambda r: (r.occurred_at, r.version),
    )
    sides: Mapping[Side, list[Record]] = {
        "survivor": [r for r in during if r.subject not in theirs],
        "absorbed": [r for r in during if r.subject in theirs],
    }
    newest = [_happening(r, "absorbed" if r.subject in theirs else "survivor") for r in during]
    return Meanwhile(_sum(sides["survivor"]), _sum(sides["absorbed"]), newest[: -LISTED - 1 : -1])


def _absorbed(merge: Merge, records: Iterable[Record]) -> frozenset[UUID]:
    """Who came by this merge, nested ones included."""
    for record in records:
        if isinstance(record.event, Absorbed) and record.event.merge_id == merge.merge_id:
            return frozenset(record.event.subjects)
    return frozenset({merge.absorbed})


def _is_during(record: Record, merge: Merge) -> bool:
    ended = merge.reversed_at
    return record.recorded_at >= merge.merged_at and (ended is None or record.recorded_at < ended)


def _sum(records: list[Record]) -> Sum:
    state = fold(record.happened for record in records)
    spent = bought(state.orders).lifetime_spend
    linked = (r.event for r in records if isinstance(r.event, identity.Linked))
    return Sum(
        events=len(records),
        orders=sum(isinstance(record.event, orders.Placed) for record in records),
        spent=price(spent) if spent else None,
        identifiers=sorted({known.kind for event in linked for known in event.identifiers}),
    )


def _happening(record: Record, side: Side) -> Happening:
    return Happening(
        side=side,
        subject=str(record.subject),
        type=str(record.event.__struct_config__.tag),
        occurred_at=record.occurred_at,
        stream=str(record.stream),
        version=record.version,
    )

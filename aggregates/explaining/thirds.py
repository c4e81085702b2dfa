"""What two have both used that is a third customer's: it ties each to the third, not the two."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from aggregates.explaining import sentences
from aggregates.explaining.reason import Reason
from aggregates.explaining.side import Side
from aggregates.log.record import Record
from aggregates.profile.events.identity import ConflictSeen, SeenElsewhere
from aggregates.profile.identifiers import Identifier


def named_by_both(one: Side, other: Side) -> list[UUID]:
    """Whose identifiers came with signals of the one and of the other."""
    return sorted(map(UUID, _named(one) & _named(other)))


def used_by_both(third: Side, one: Side, other: Side) -> Iterator[Reason]:
    """The event is the one that completed it."""
    ones, others = (_used(third.records, user.members) for user in (one, other))
    for known in sorted(ones.keys() & others.keys()):
        last = max(ones[known], others[known], key=lambda record: record.recorded_at)
        kinds = (known.kind,)
        said = sentences.of("used_by_both", kinds)
        yield Reason(rule="used_by_both", said=said, record=last, kinds=kinds)


def _named(side: Side) -> set[str]:
    told = (record.event for record in side.records)
    return {other for event in told if isinstance(event, ConflictSeen) for other in event.others}


def _used(records: Iterable[Record], users: frozenset[UUID]) -> dict[Identifier, Record]:
    return {
        known: record
        for record in records
        if isinstance(record.event, SeenElsewhere) and record.event.by in users
        for known in record.event.identifiers
    }

"""Why two are one customer: the merges that lead from the one to the other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from aggregates.explaining.reason import Reason, in_order, kinds_of, named
from aggregates.explaining.recognised import recognised_by
from aggregates.log.record import Record
from aggregates.profile.events.identity import CandidateClosed
from aggregates.profile.events.lineage import Absorbed, Released
from aggregates.profile.identifiers import Identifier


class Tie(NamedTuple):
    """A merge that holds, and two between whom it was made."""

    one: UUID
    other: UUID
    record: Record
    merge: Absorbed


def chain(one: UUID, other: UUID, records: Iterable[Record]) -> list[Reason]:
    """From the one to the other, over whoever stands between them; empty if it is the same.

    `records` are all that are told of the customer of whom both are part.
    """
    told = in_order(records)
    accepted = _accepted(told)
    return [_reason(tie, accepted) for tie in _path(one, other, list(_ties(told)))]


def linked(known: Identifier, records: Iterable[Record]) -> Reason | None:
    """How a customer is recognised by this, the record's subject being whose part of them it is."""
    found = (one for one in recognised_by(records) if one.live and one.identifier == known)
    if (one := next(found, None)) is None:
        return None
    said = f"They are recognised by this {named([known.kind])}."
    return Reason(rule="linked", said=said, record=one.record, kinds=(known.kind,))


def _ties(records: Iterable[Record]) -> Iterator[Tie]:
    told = list(records)
    undone = {r.event.merge_id for r in told if isinstance(r.event, Released)}
    for record in told:
        match record.event:
            case Absorbed() as merge if merge.merge_id not in undone:
                pairs = [(e.one, e.other) for e in merge.evidence]
                for one, other in pairs or [(record.stream, merge.absorbed)]:
                    yield Tie(one, other, record, merge)


def _path(one: UUID, other: UUID, ties: list[Tie]) -> list[Tie]:
    """Each merge tied two groups that had nothing in common, so there is one way."""
    ways: dict[UUID, list[Tie]] = {one: []}
    waiting = [one]
    while waiting and other not in ways:
        here = waiting.pop(0)
        for tie in (t for t in ties if here in (t.one, t.other)):
            there = tie.other if here == tie.one else tie.one
            if there not in ways:
                ways[there] = [*ways[here], tie]
                waiting.append(there)
    return ways.get(other, [])


def _accepted(records: Iterable[Record]) -> Mapping[tuple[str, UUID], UUID]:
    """The candidates that somebody accepted, by the command with which it was done."""
    return {
        (record.command_id, record.stream): record.event.candidate_id
        for record in records
        if isinstance(record.event, CandidateClosed) and record.event.outcome == "accepted"
    }


def _reason(tie: Tie, accepted: Mapping[tuple[str, UUID], UUID]) -> Reason:
    record, merge = tie.record, tie.merge
    candidate = accepted.get((record.command_id, record.stream))
    kinds = tuple(e.kind for e in merge.evidence) or kinds_of((merge.rule,))
    return Reason(
        rule=merge.rule,
        said=_said(merge, kinds, candidate),
        record=record,
        kinds=kinds,
        merge_id=merge.merge_id,
        candidate_id=candidate,
    )


def _said(merge: Absorbed, kinds: tuple[str, ...], candidate: UUID | None) -> str:
    if merge.rule == "by_hand":
        return "Somebody said that they are the same person."
    if merge.rule == "merged_by_the_shop":
        return "The shop has merged their two accounts."
    if candidate is not None:
        spoke = f"the same {named(kinds)}" if kinds else merge.rule
        return f"Somebody accepted that they are the same person; what spoke for it: {spoke}."
    return f"The same {named(kinds) or 'thing'} was seen with both."

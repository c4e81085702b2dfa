"""The JSON of merges, their reversal and candidates."""

from datetime import datetime

from msgspec import Struct

from aggregates.log.merges import Candidate, Merge
from api.merges.meanwhile import Meanwhile
from api.merges.windows import closes_at
from api.views.shape import ProfileView


class MergeView(Struct, frozen=True):
    """`reversible_until`: on the shop's plan of today; null once it was undone."""

    id: str
    survivor: str
    absorbed: str
    rule: str
    merged_at: datetime
    reversed_at: datetime | None
    reversible_until: datetime | None


class MergeDetail(Struct, frozen=True):
    """`meanwhile`: what happened since, until it was undone, and to which of them."""

    merge: MergeView
    meanwhile: Meanwhile


class MergePreview(Struct, frozen=True):
    """The profile that both would be. Nothing was done."""

    united: ProfileView


class ReversalPreview(Struct, frozen=True):
    """Nothing was done. `undone` are all merges that must go together, newest first: without the
    one asked for, the others would rest on nothing."""

    undone: list[MergeDetail]


class MergeList(Struct, frozen=True):
    items: list[MergeView]
    next_cursor: str | None = None


class CandidateView(Struct, frozen=True):
    """`evidence` names what speaks for it; `outcome` is null while nobody has said."""

    id: str
    profiles: list[str]
    score: float
    rule: str
    evidence: list[str]
    opened_at: datetime
    outcome: str | None
    closed_at: datetime | None


class CandidateList(Struct, frozen=True):
    items: list[CandidateView]
    next_cursor: str | None = None


def merge_view(merge: Merge) -> MergeView:
    until = None if merge.reversed_at else closes_at(merge.merged_at, merge.plan)
    return MergeView(
        id=str(merge.merge_id),
        survivor=str(merge.survivor),
        absorbed=str(merge.absorbed),
        rule=merge.rule,
        merged_at=merge.merged_at,
        reversed_at=merge.reversed_at,
        reversible_until=until,
    )


def candidate_view(candidate: Candidate) -> CandidateView:
    return CandidateView(
        id=str(candidate.candidate_id),
        profiles=[str(candidate.one), str(candidate.other)],
        score=candidate.score,
        rule=candidate.rule,
        evidence=candidate.evidence,
        opened_at=candidate.opened_at,
        outcome=candidate.outcome,
        closed_at=candidate.closed_at,
    )

"""What people and rules may ask of merges. Each concerns several profiles, see `uniting`."""

from typing import Annotated, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct

Reason = Annotated[str, Meta(max_length=500)]


class LineageCommand(Struct, frozen=True, forbid_unknown_fields=True):
    """Marks every lineage command."""


class MergeProfiles(LineageCommand, frozen=True, tag="MergeProfiles"):
    """These two are the same person. `candidate_id` is what made somebody say so."""

    merge_id: UUID
    survivor: UUID
    absorbed: UUID
    rule: str = "by_hand"
    reason: Reason | None = None
    candidate_id: UUID | None = None


class UniteAccounts(LineageCommand, frozen=True, tag="UniteAccounts"):
    """The shop has merged two of its accounts: the one that is gone is an alias of the one kept."""

    kept: str
    gone: str


class ReverseMerge(LineageCommand, frozen=True, tag="ReverseMerge"):
    """They are not after all."""

    merge_id: UUID
    survivor: UUID
    reason: Reason | None = None


class OpenCandidate(LineageCommand, frozen=True, tag="OpenCandidate"):
    """These two may be the same person: somebody who knows should say."""

    candidate_id: UUID
    one: UUID
    other: UUID
    score: float
    rule: str
    evidence: tuple[str, ...]


class RejectCandidate(LineageCommand, frozen=True, tag="RejectCandidate"):
    """These two are not the same person, and no rule shall think so again."""

    candidate_id: UUID
    one: UUID
    other: UUID
    reason: Reason | None = None


Command: TypeAlias = MergeProfiles | UniteAccounts | ReverseMerge | OpenCandidate | RejectCandidate

"""What hosts would refuse, in the same words, and the fields of the request that it is about."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from aggregates.profile.decisions.rejection import Rejected
from api.errors import Fault, Problem
from api.merges.asked import MergeAsked

T = TypeVar("T")


def checked(decide: Callable[[], T]) -> T:
    """Raises Problem (409) where `decide` says no."""
    try:
        return decide()
    except Rejected as no:
        raise Problem(409, no.code, no.detail) from no


def checked_unerased(erased: Mapping[UUID, bool]) -> None:
    """Raises Problem (409)."""
    for profile, is_gone in erased.items():
        if is_gone:
            raise Problem(409, "erased", f"profile {profile} was erased")


def blaming(refused: Problem, asked: MergeAsked) -> Problem:
    """The same, naming the fields whose profiles it speaks of."""
    blamed = [field for field, one in asked.pair.items() if str(one) in refused.detail]
    faults = tuple(Fault(field, refused.detail) for field in blamed)
    return Problem(refused.status, refused.code, refused.detail, faults or refused.errors)

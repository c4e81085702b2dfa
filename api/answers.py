"""What a client hears about its command."""

from typing import Annotated, TypeVar

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from actors.signals import Outcome
from api.errors import Fault, Problem, ProblemDocument

A = TypeVar("A", bound="Answer")
UNDECIDED = "internal"  # the host's word for a bug of ours
# as the host wrote it: it was written the way it is told
Decided = Annotated[Raw, Meta(extra_json_schema={"$ref": "#/components/schemas/Decision"})]


class Answer(Struct, frozen=True, kw_only=True):
    """`decision`: what the gate said, where it was asked."""

    profile_id: str
    version: int
    events: tuple[str, ...]
    position: str | None
    duplicate: bool
    decision: Decided | UnsetType = UNSET


class AnswerLine(Answer, frozen=True, kw_only=True):
    """The same in a list of answers, where each has its own status."""

    status: int = 200


class RefusedLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    status: int
    code: str
    detail: str
    errors: tuple[Fault, ...] = ()


def answer(outcome: Outcome) -> Answer:
    return _told(Answer, outcome)


def line(outcome: Outcome) -> AnswerLine:
    return _told(AnswerLine, outcome)


def refusal(outcome: Outcome) -> Problem:
    code = outcome.refused or UNDECIDED
    status = 422 if code == "id_reused" else 409
    return Problem(status, code, outcome.detail or "the profile does not allow this now")


def refused_line(problem: Problem) -> RefusedLine:
    document: ProblemDocument = problem.document
    return RefusedLine(
        status=document.status, code=document.code, detail=document.detail, errors=document.errors
    )


def _told(kind: type[A], outcome: Outcome) -> A:
    return kind(
        profile_id=str(outcome.profile_id),
        version=outcome.version,
        events=outcome.events,
        position=outcome.position,
        duplicate=outcome.duplicate,
        decision=Raw(outcome.answer) if outcome.answer else UNSET,
    )

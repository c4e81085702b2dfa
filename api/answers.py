"""What a client hears about its command."""

from msgspec import UNSET, Struct, UnsetType
from msgspec.json import Decoder

from actors.signals import Outcome
from aggregates.gate.decision import Decision
from api.errors import Fault, Problem, ProblemDocument

UNDECIDED = "internal"  # the host's word for a bug of ours
_DECISION = Decoder(Decision)


class Answer(Struct, frozen=True, kw_only=True):
    """`decision`: what the gate said, where it was asked."""

    profile_id: str
    version: int
    events: tuple[str, ...]
    position: str | None
    duplicate: bool
    decision: Decision | UnsetType = UNSET


class AnswerLine(Answer, frozen=True, kw_only=True):
    """The same in a list of answers, where each has its own status."""

    status: int = 200


class RefusedLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    status: int
    code: str
    detail: str
    errors: tuple[Fault, ...] = ()


def answer(outcome: Outcome) -> Answer:
    """Raises Problem for an outcome that is a refusal."""
    if outcome.refused:
        raise refusal(outcome)
    return Answer(
        profile_id=str(outcome.profile_id),
        version=outcome.version,
        events=outcome.events,
        position=outcome.position,
        duplicate=outcome.duplicate,
        decision=_DECISION.decode(outcome.answer) if outcome.answer else UNSET,
    )


def refusal(outcome: Outcome) -> Problem:
    code = outcome.refused or UNDECIDED
    status = 422 if code == "id_reused" else 409
    return Problem(status, code, outcome.detail or "the profile does not allow this now")


def line(answered: Answer) -> AnswerLine:
    return AnswerLine(**{field: getattr(answered, field) for field in answered.__struct_fields__})


def refused_line(problem: Problem) -> RefusedLine:
    document: ProblemDocument = problem.document
    return RefusedLine(
        status=document.status, code=document.code, detail=document.detail, errors=document.errors
    )

"""What the server answers to the lines it was sent."""

import httpx
import msgspec
from msgspec import Struct

from api.contacts.columns import Columns
from api.demo.orders_import import ImportStopped


class Fault(Struct, frozen=True):
    field: str
    problem: str


class Answer(Struct, frozen=True):
    """To one line. `created`: the profile is new."""

    status: int
    created: bool = False
    duplicate: bool = False
    events: list[str] = []
    code: str = ""
    detail: str = ""
    errors: list[Fault] = []

    @property
    def is_taken(self) -> bool:
        return self.status < 300

    def reason(self, columns: Columns) -> str:
        """Why a line was not taken, with the column's name in place of the contact's member."""
        faults = [f"{_column(fault.field, columns)}{fault.problem}" for fault in self.errors]
        return "; ".join(faults) or f"{self.code}: {self.detail}"


def answers(response: httpx.Response, lines: int) -> list[Answer]:
    """One for each line. Raises ImportStopped."""
    asked = f"POST {response.request.url.path}: {response.status_code}"
    try:
        found = _DECODER.decode_lines(response.content)
    except msgspec.DecodeError as error:
        raise ImportStopped(f"{asked} and something else than answers: {error}") from error
    if not response.is_success:
        raise ImportStopped("; ".join(f"{asked} {no.code}: {_detail(no)}" for no in found[:1]))
    if len(found) != lines:
        raise ImportStopped(f"{asked}: {len(found)} answers to {lines} lines")
    return found


def _detail(no: Answer) -> str:
    return "; ".join(f"{fault.field}: {fault.problem}" for fault in no.errors) or no.detail


def _column(member: str, columns: Columns) -> str:
    column = columns.parts.get(member.rpartition(".")[2])
    name = column.name if column else member
    return f"{name}: " if name else ""


_DECODER = msgspec.json.Decoder(Answer)

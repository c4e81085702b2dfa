"""msgspec at the HTTP edge: the struct that is decided on is the struct that is parsed."""

import re
from typing import TypeVar

import msgspec
from fastapi import Response
from msgspec import Raw
from msgspec.json import Decoder

from api.choices import choices
from api.errors import Fault, Problem, invalid
from api.plain_json import NAME_AT_MOST, faults_of, joined

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()
_OBJECT = Decoder(dict[str, Raw])
_MESSAGE = re.compile(r"(?P<problem>.*?)(?: - at (?:`key` in )?`\$\.?(?P<path>.*)`)?", re.DOTALL)
_MEMBER = re.compile(r"Object (?P<problem>missing|contains).* field `(?P<name>.*)`", re.DOTALL)


class Json(Response):
    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return _ENCODER.encode(content)


class Ndjson(Response):
    """One JSON value a line."""

    media_type = "application/x-ndjson"

    def render(self, content: list[object]) -> bytes:
        return _ENCODER.encode_lines(content)


def members(body: bytes) -> dict[str, Raw]:
    """The members of one JSON object, each still as JSON. Raises Problem."""
    return whole(_OBJECT, body)


def whole(decoder: Decoder[T], body: bytes) -> T:
    """As `read`, for a whole body; 422 also where two readers may understand it differently."""
    found = read(decoder, body)
    try:
        faults = faults_of(body)
    except UnicodeDecodeError as error:
        raise malformed("it is not UTF-8") from error
    except ValueError as error:
        raise malformed("a text or number in it is not written as JSON writes it") from error
    except RecursionError as error:
        raise malformed("it is nested too deeply") from error
    if faults:
        raise invalid(*faults)
    return found


def read(decoder: Decoder[T], body: bytes | Raw, under: str = "") -> T:
    """Raises Problem: 400 for what is not JSON, 422 naming the field (below `under`) otherwise."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise invalid(explained(error, decoder.type, under)) from error
    except msgspec.DecodeError as error:
        raise malformed(str(error)) from error  # names a byte's place, not what stood there
    except UnicodeDecodeError as error:
        raise malformed("it is not UTF-8") from error
    except RecursionError as error:
        raise malformed("it is nested too deeply") from error


def malformed(reason: str) -> Problem:
    return Problem(400, "malformed_json", f"the body is not JSON: {reason}")


def explained(error: msgspec.ValidationError, kind: object, under: str = "") -> Fault:
    """msgspec's message about `kind`, the path told apart, without the value it found."""
    message = _MESSAGE.fullmatch(str(error))
    assert message is not None, "the pattern matches any text"
    problem, path = message["problem"], message["path"] or ""
    if member := _MEMBER.fullmatch(problem):
        path = joined(path, member["name"][:NAME_AT_MOST])
        problem = "is missing" if member["problem"] == "missing" else "is not a known member"
    elif problem.startswith(("Invalid enum value", "Invalid value")):  # both quote it
        problem = f"expected one of {', '.join(choices(kind, path))}"
    elif problem.startswith("Invalid RFC3339"):
        problem = "is not an RFC 3339 instant such as 2026-11-21T10:00:00Z"
    return Fault(joined(under, path), problem)

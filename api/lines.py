"""JSON, or one JSON value a line: which of them a request holds, and its lines."""

from fastapi import Request

from api.errors import Problem
from api.wire import Json, Ndjson

TAKEN = (Json.media_type, Ndjson.media_type)


def media_type(request: Request, otherwise: str = "application/json") -> str:
    """Raises Problem (415) for anything but JSON and NDJSON."""
    named = request.headers.get("content-type", otherwise)
    kind = named.partition(";")[0].strip().lower()
    if kind not in TAKEN:
        raise Problem(415, "unsupported_media_type", f"send {' or '.join(TAKEN)}")
    return kind


def lines_of(body: bytes, limit: int) -> list[bytes]:
    """The lines that hold something. Raises Problem for none or more than `limit`."""
    lines = [line for raw in body.split(b"\n") if (line := raw.strip())]
    if not lines:
        raise Problem(400, "empty", "the body holds no line")
    if len(lines) > limit:
        raise Problem(413, "too_many_lines", f"at most {limit:,} lines")
    return lines

"""Request bodies, read whole and never beyond a limit."""

import asyncio
from collections.abc import Iterable

from starlette.types import Message, Receive

from api.errors import Problem

LENGTH_DIGITS = 18  # a length of more is beyond any limit, and Python may refuse to read it
PATIENCE_S = 20.0  # for a whole body; whoever is slower would hold a place for nothing


class Gone(BaseException):
    """The client hung up before its body was complete; there is nobody to answer.

    No Exception, because what answers exceptions would answer this one too, with a 500.
    """


async def whole(headers: Iterable[tuple[bytes, bytes]], receive: Receive, limit: int) -> bytes:
    """Raises Problem (413, 408) or Gone. `limit` is in bytes."""
    for name, value in headers:
        if name == b"content-length" and value.isdigit() and _beyond(value, limit):
            raise too_large(limit)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _collected(receive, limit)
    except TimeoutError as error:
        raise Problem(408, "too_slow", f"no whole body within {PATIENCE_S:.0f} s") from error


def _beyond(digits: bytes, limit: int) -> bool:
    return len(digits) > LENGTH_DIGITS or int(digits) > limit


async def _collected(receive: Receive, limit: int) -> bytes:
    message = await _next(receive)
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return _within(body, limit)
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await _next(receive)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise too_large(limit)
    return b"".join(chunks)


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise too_large(limit)
    return body


def too_large(limit: int) -> Problem:
    # The connection stays: uvicorn skips the rest of the body. Closed before the rest has come, it
    # would be reset, and the sender see that in place of our answer.
    return Problem(413, "too_large", f"at most {limit:,} bytes")

"""Several requests at once, each repeated until it is taken or patience ends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import httpx

ATTEMPTS = 10
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
TRY_LATER = {408, 425, 429, 500, 502, 503, 504}

T = TypeVar("T")


class Unreachable(Exception):
    """Nobody answers; the message says where, and how often we asked."""


async def send(client: httpx.AsyncClient, request: httpx.Request) -> tuple[httpx.Response, int]:
    """The last answer, and how many attempts it took. Raises Unreachable.

    The same request every time: a receiver that knows its id may take it twice unharmed.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            response = await client.send(request)
        except httpx.TransportError:
            await asyncio.sleep(_backoff_s(attempt))
            continue
        if response.status_code not in TRY_LATER:
            return response, attempt
        await asyncio.sleep(_wait_s(response, attempt))
    try:
        return await client.send(request), ATTEMPTS
    except httpx.TransportError as error:
        where = f"{request.url.scheme}://{request.url.netloc.decode()}"
        reason = str(error) or type(error).__name__
        raise Unreachable(f"{where}: {reason} ({ATTEMPTS} attempts)") from error


async def each(items: Iterable[T], do: Callable[[T], Awaitable[None]], at_once: int) -> None:
    """Does it for every item, `at_once` of them at a time; the first failure stops all."""
    waiting = iter(items)  # shared: whoever is free takes the next

    async def work() -> None:
        for item in waiting:
            await do(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures


def _wait_s(response: httpx.Response, attempt: int) -> float:
    """Retry-After in seconds if it is given so, never longer than we are patient."""
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_WAIT_S) if asked.isdecimal() else _backoff_s(attempt)


def _backoff_s(attempt: int) -> float:
    return float(min(FIRST_WAIT_S * 2 ** (attempt - 1), LONGEST_WAIT_S))

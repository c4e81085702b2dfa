"""Sending what nobody may hear of, whatever dies meanwhile, and keeping what was answered."""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx
from msgspec import Struct

from tests.faults.canaries.requests import Request
from tests.places import NO_TLS

AT_ONCE = 16
ATTEMPTS, PAUSE_S = 100, 0.1  # of one request, while something is down


class Answered(Struct, frozen=True):
    """`said` is everything the client was told."""

    request: Request
    status: int
    said: bytes


def answers(url: str, requests: Iterable[Request]) -> list[Answered]:
    """What each was answered in the end; what is unavailable is asked again."""
    return asyncio.run(_answers(url, list(requests)))


@contextmanager
def beside(url: str, requests: Iterable[Request], answered: list[Answered]) -> Iterator[None]:
    """The same in the background of a block, at whose end all is answered."""
    thread = threading.Thread(target=lambda: answered.extend(answers(url, requests)))
    thread.start()
    try:
        yield
    finally:
        thread.join()


async def _answers(url: str, requests: list[Request]) -> list[Answered]:
    turn = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=url, timeout=15, verify=NO_TLS) as client:

        async def one(request: Request) -> Answered:
            async with turn:
                return await _answer(client, request)

        return await asyncio.gather(*map(one, requests))


async def _answer(client: httpx.AsyncClient, request: Request) -> Answered:
    for _ in range(ATTEMPTS):
        try:
            response = await client.request(
                request.method, request.path, content=request.body, headers=request.headers
            )
        except httpx.TransportError:
            await asyncio.sleep(PAUSE_S)
            continue
        if response.status_code != 503:
            head = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
            return Answered(request, response.status_code, head.encode() + response.content)
        await asyncio.sleep(PAUSE_S)
    raise TimeoutError(f"{request.method} is not answered")

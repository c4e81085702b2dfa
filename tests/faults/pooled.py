"""Clients that keep a connection open and use it now and then, as balancers and pools do."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import aiohttp

CLIENTS = 50
SHORTEST_S, LONGEST_S = 0.1, 4.0  # between two requests
TIMEOUT_S = 15.0


@contextmanager
def pooled(url: str) -> Iterator[Counter[str]]:
    """How often each status was answered while the block ran, and each kind of failure met."""
    answers: Counter[str] = Counter()
    over = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_all(url, answers, over)), name="pooled")
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()


async def _all(url: str, answers: Counter[str], over: threading.Event) -> None:
    ended = asyncio.Event()
    watching = asyncio.create_task(asyncio.to_thread(over.wait))
    watching.add_done_callback(lambda _: ended.set())
    await asyncio.gather(*(_one(url, answers, ended, seed) for seed in range(CLIENTS)))


async def _one(url: str, answers: Counter[str], ended: asyncio.Event, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=1), timeout=timeout
    ) as session:
        while not ended.is_set():
            answers[await _answered(session, url)] += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), dice.uniform(SHORTEST_S, LONGEST_S))


async def _answered(session: aiohttp.ClientSession, url: str) -> str:
    """By POST, which a client does not repeat by itself when the connection broke."""
    try:
        async with session.post(url) as response:
            await response.read()
            return str(response.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__

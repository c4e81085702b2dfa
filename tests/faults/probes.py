"""One request made again and again beside a fault, as a monitor or an impatient reader would."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import aiohttp
from msgspec import Struct

from tests.faults.sendings import Sending
from tests.faults.worlds import World

EVERY_S = 0.05
TIMEOUT_S = 5.0


class Asked(Struct, frozen=True):
    """The request; a GET where it has no body."""

    url: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None


def reading(world: World, customer: str) -> Asked:
    """A shopper's profile, found by their id at Shopify."""
    path = f"/v1/profiles?shopify_customer_id={customer}"
    return Asked(world.url + path, {"Authorization": f"Bearer {world.api_key}"})


def repeating(world: World, sent: Sending) -> Asked:
    """Something long since acknowledged: taken as often as it comes, it changes nothing."""
    return Asked(world.url + sent.path, sent.headers, sent.body)


class Told(Struct, frozen=True):
    """What came back. `status` is None where nothing did."""

    after_s: float
    status: int | None
    has_retry_after: bool = False

    @property
    def rude(self) -> bool:
        """An error that does not say: come again later."""
        return (self.status or 0) >= 500 and not (self.status == 503 and self.has_retry_after)


class Probe:
    """All answers to one request."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    @property
    def slowest_s(self) -> float:
        return max((one.after_s for one in self.told), default=0.0)

    def share(self, status: int = 200) -> float:
        """Of all that were asked, how many were answered so."""
        return self.count(lambda one: one.status == status) / max(1, len(self.told))

    def count(self, which: Callable[[Told], bool]) -> int:
        return sum(map(which, self.told))


@contextmanager
def probing(asked: Asked, every_s: float = EVERY_S) -> Iterator[Probe]:
    """Asks while the block runs, however long answers take: who hangs does not ask less."""
    probe, over = Probe(), threading.Event()
    asking = threading.Thread(
        target=lambda: asyncio.run(_ask(asked, every_s, probe, over)), name="probe"
    )
    asking.start()
    try:
        yield probe
    finally:
        over.set()
        asking.join()


async def _ask(asked: Asked, every_s: float, probe: Probe, over: threading.Event) -> None:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:
        while not over.is_set():
            tasks.create_task(_noted(session, asked, probe))
            await asyncio.sleep(every_s)


async def _noted(session: aiohttp.ClientSession, asked: Asked, probe: Probe) -> None:
    asked_at = time.monotonic()
    status, has_retry_after = None, False
    method = "GET" if asked.body is None else "POST"
    try:
        async with session.request(
            method, asked.url, data=asked.body, headers=asked.headers
        ) as response:
            await response.read()
            status, has_retry_after = response.status, "Retry-After" in response.headers
    except (aiohttp.ClientError, TimeoutError):
        pass  # no status says so
    probe.told.append(Told(time.monotonic() - asked_at, status, has_retry_after))

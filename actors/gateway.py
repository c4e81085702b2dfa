"""The callers' side of the hosts: find the host, batch, retry, push back.

Each host has at most one batch under way; what arrives meanwhile is the next batch. There is no
timer: under load batches grow by themselves, when idle a batch is one signal.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from actors.identities import Identities
from actors.placement import host_of
from actors.signals import Busy, Outcome, Routed, Signal, Unavailable, UnknownProfile

MAX_BATCH = 256  # signals
MAX_BATCH_BYTES = 400_000  # well below what Ray sends inline, see INLINE_BYTES of the cluster
MAX_WAITING = 4_000  # signals waiting for one host
PATIENCE_S = 4.0  # Shopify gives up after 5
RESOLUTIONS = 4
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 0.5


class HostLost(Exception):
    """The host died, hung or could not reach the log; what it did with the batch is unknown."""


class HostPort(Protocol):
    """A host as the gateway sees it."""

    async def apply(self, batch: bytes) -> bytes:
        """Encoded signals in, encoded outcomes out. Raises HostLost."""

    async def stats(self) -> dict[str, Any]:
        """Numbers for metrics and health. Raises HostLost."""


class Waiting(NamedTuple):
    encoded: bytes
    deadline: float
    answer: "asyncio.Future[Outcome]"


class Gateway:
    def __init__(self, hosts: Sequence[HostPort], identities: Identities) -> None:
        self._hosts = hosts
        self._lines = [Line(host) for host in hosts]
        self._identities = identities

    @property
    def waiting(self) -> int:
        """Signals not yet under way to their host."""
        return sum(line.waiting for line in self._lines)

    async def submit(self, signal: Signal) -> Outcome:
        """The signal's outcome once it is durable.

        Raises Busy at once when too many wait, Unavailable when the outcome is unknown after
        `PATIENCE_S`, NobodyYet for a signal that may not create a profile, UnknownProfile for a
        profile id that is not in the signal's namespace.
        """
        for _ in range(RESOLUTIONS):
            routed = await self._identities.route(signal)
            try:
                outcome = await self._line_of(routed).send(routed)
            finally:
                self._identities.settled(routed)
            if outcome.refused == "unknown_profile":
                raise UnknownProfile(str(routed.profile))
            if not outcome.outrun:
                return outcome
        raise Unavailable("others keep claiming the same identifiers")

    async def stats(self) -> list[dict[str, Any]]:
        """One dict of numbers a host; a host that does not answer says only so."""
        return list(await asyncio.gather(*(self._stats_of(host) for host in self._hosts)))

    async def _stats_of(self, host: HostPort) -> dict[str, Any]:
        try:
            return await host.stats()
        except HostLost as error:
            return {"lost": str(error)}

    def _line_of(self, routed: Routed) -> "Line":
        return self._lines[host_of(routed.profile, len(self._lines))]


class Line:
    """The signals waiting for one host."""

    def __init__(self, host: HostPort) -> None:
        self._host = host
        self._queue: deque[Waiting] = deque()
        self._serving: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def send(self, routed: Routed) -> "asyncio.Future[Outcome]":
        """The outcome to come. Raises Busy when the line is full."""
        if len(self._queue) >= MAX_WAITING:
            raise Busy
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._queue.append(Waiting(_encode(routed), loop.time() + PATIENCE_S, answer))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return answer

    async def _serve(self) -> None:
        try:
            while self._queue:
                await self._deliver(self._next_batch())
        finally:
            self._serving = None

    def _next_batch(self) -> list[Waiting]:
        batch: list[Waiting] = []
        size = 0
        while self._queue and len(batch) < MAX_BATCH:
            size += len(self._queue[0].encoded)
            if batch and size > MAX_BATCH_BYTES:
                break
            batch.append(self._queue.popleft())
        return batch

    async def _deliver(self, batch: list[Waiting]) -> None:
        """Until answered or out of patience. Ids make a second delivery harmless."""
        pause, unsure = FIRST_PAUSE_S, False
        while batch:
            try:
                answers = await self._host.apply(_encode([Raw(w.encoded) for w in batch]))
                _answer(batch, _OUTCOMES.decode(answers), unsure)
            except HostLost as error:
                batch = _still_patient(batch, error)
                unsure = True
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            except Exception as bug:  # noqa: BLE001  # ours; but nobody may wait for ever
                _fail(batch, bug)
                return
            else:
                return


def _still_patient(batch: list[Waiting], error: HostLost) -> list[Waiting]:
    now = asyncio.get_running_loop().time()
    patient = []
    for waiting in batch:
        if waiting.answer.done():
            continue
        if waiting.deadline > now:
            patient.append(waiting)
        else:
            waiting.answer.set_exception(Unavailable(str(error)))
    return patient


def _answer(batch: list[Waiting], outcomes: list[Outcome], unsure: bool) -> None:
    assert len(batch) == len(outcomes), "one outcome a signal"
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.answer.done():  # the caller has gone; the signal is durable all the same
            continue
        # after a lost answer the "duplicate" is most likely our own first delivery
        waiting.answer.set_result(replace(outcome, duplicate=False) if unsure else outcome)


def _fail(batch: list[Waiting], bug: Exception) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(bug)


_encode = msgspec.msgpack.Encoder().encode
_OUTCOMES = msgspec.msgpack.Decoder(list[Outcome])

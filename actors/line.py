"""The way to one host: batch, deliver, deliver again when in doubt, push back.

At most one batch is under way; what arrives meanwhile is the next batch. There is no timer: under
load batches grow by themselves, when idle a batch is one signal.

A host that does not answer must not take the API process from the others: fewer may wait for it,
and once nobody's patience can last that long, none but the one that finds out whether it is back.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from actors.signals import Busy, Outcome, Routed, Unavailable
from actors.silence import Silence

MAX_BATCH = 256  # signals
MAX_BATCH_BYTES = 400_000  # well below what Ray sends inline, see INLINE_BYTES of the cluster
MAX_WAITING = 4_000  # signals waiting for a host that answers
STALLED_S = 2.0  # without an answer
MAX_WAITING_STALLED = 400  # signals waiting for a host that does not
PATIENCE_S = 4.0  # Shopify gives up after 5
LONGEST_BUSY_S = 10  # until somebody who was turned away is to come again
LOOK_S = 0.25  # how often the impatient are let go while a host says nothing
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 0.5


class HostLost(Exception):
    """The host died, hung or could not reach the log; what it did with the batch is unknown."""


class HostPort(Protocol):
    """A host as its callers see it."""

    async def apply(self, batch: bytes) -> bytes:
        """Encoded signals in, encoded outcomes out. Raises HostLost."""

    async def stats(self) -> dict[str, Any]:
        """Numbers for metrics and health. Raises HostLost."""


@dataclass
class Deliveries:
    """What became of them, counted over all hosts of one API process."""

    batches: int = 0
    signals: int = 0
    again: int = 0  # batches delivered another time, because the host was lost
    impatient: int = 0  # signals whose outcome was not known in time
    turned_away: int = 0  # signals, because too many waited


class Waiting(NamedTuple):
    encoded: bytes
    deadline: float
    answer: "asyncio.Future[Outcome]"


class Line:
    """The signals waiting for one host."""

    def __init__(self, host: HostPort, deliveries: Deliveries | None = None) -> None:
        self._host = host
        self._deliveries = deliveries or Deliveries()
        self._queue: deque[Waiting] = deque()
        self._serving: asyncio.Task[None] | None = None
        self._under_way: list[Waiting] = []
        self.silence = Silence()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def held_up(self) -> int:
        """Signals without an outcome because the host was silent."""
        if not self.silence.holds_up:  # asked for every request that may be one too many
            return 0
        unanswered = sum(not waiting.answer.done() for waiting in self._under_way)
        return self.silence.held_up(unanswered + len(self._queue))

    def send(self, routed: Routed) -> "asyncio.Future[Outcome]":
        """The outcome to come. Raises Busy when too many wait."""
        loop = asyncio.get_running_loop()
        if self._serving is not None and len(self._queue) >= self._room():
            self._deliveries.turned_away += 1
            raise Busy(self._again_in_s())
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._queue.append(Waiting(_encode(routed), loop.time() + PATIENCE_S, answer))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return answer

    def _again_in_s(self) -> int:
        """The longer the host says nothing, the less is the use of asking again at once."""
        return max(1, min(LONGEST_BUSY_S, int(self.silence.seconds / 2)))

    def _room(self) -> int:
        if self.silence.seconds < STALLED_S:
            return MAX_WAITING
        return MAX_WAITING_STALLED if self.silence.seconds < PATIENCE_S else 0

    async def _serve(self) -> None:
        try:
            while self._queue:
                self._under_way = self._next_batch()
                await self._deliver(self._under_way)
        finally:
            self._serving, self._under_way = None, []

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
                answers = await self._applied(batch)
                _answer(batch, _OUTCOMES.decode(answers), unsure)
            except HostLost as error:
                self._let_go(batch, str(error))
                batch = [waiting for waiting in batch if not waiting.answer.done()]
                unsure = True
                self._deliveries.again += bool(batch)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            except Exception as bug:  # noqa: BLE001  # ours; but nobody may wait for ever
                _fail(batch, bug)
                return
            else:
                self.silence.broken(len(batch), len(self._queue))
                return

    async def _applied(self, batch: list[Waiting]) -> bytes:
        """Encoded outcomes. Those who cannot wait for them are let go meanwhile."""
        self._deliveries.batches += 1
        self._deliveries.signals += len(batch)
        self.silence.asked()
        call = asyncio.ensure_future(self._host.apply(_encode([Raw(w.encoded) for w in batch])))
        try:
            while not (await asyncio.wait({call}, timeout=LOOK_S))[0]:
                self._let_go(batch, "the host does not answer")
        finally:
            call.cancel()
        return call.result()

    def _let_go(self, batch: list[Waiting], why: str) -> None:
        """Of the batch, whose outcome is unknown, and of the queue, where nothing was done."""
        now = asyncio.get_running_loop().time()
        late = [waiting for waiting in batch if waiting.deadline <= now]
        while self._queue and self._queue[0].deadline <= now:
            late.append(self._queue.popleft())
        for waiting in late:
            if not waiting.answer.done():
                self._deliveries.impatient += 1
                waiting.answer.set_exception(Unavailable(why))


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

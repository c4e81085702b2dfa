"""What browsers send, on its way to the gateway. The answer tells nothing about anybody."""

import asyncio
from collections import Counter

from msgspec import Struct

from api.answers import UNDECIDED, RefusedLine, refusal, refused_line
from api.errors import Problem, problem_of, report
from api.intake import pixel
from api.letters.letter import Letter
from api.letters.processing import Unprocessed
from api.letters.store import DeadLetters
from api.operations.counts import Counts
from api.ports import Ports


class Refused(Struct, frozen=True):
    """`line` counts from 1."""

    line: int
    why: RefusedLine


class Received(Struct, frozen=True):
    """How many events are durable now, were so before, and were not taken."""

    accepted: int
    duplicates: int
    refused: list[Refused]


class Storefront:
    def __init__(self, ports: Ports, letters: DeadLetters, counts: Counts) -> None:
        self._ports = ports
        self._letters = letters
        self._counts = counts

    async def one(self, raw: bytes, namespace: int) -> Received:
        """Raises Problem, Busy or Unavailable."""
        done = await self._submit(raw, namespace)
        return Received(int(done != "duplicate"), int(done == "duplicate"), [])

    async def many(self, raws: list[bytes], namespace: int) -> Received:
        """Raises Busy or Unavailable if any event met that; all may be repeated without harm."""
        work = (self._submit(raw, namespace) for raw in raws)
        done = await asyncio.gather(*work, return_exceptions=True)
        tally = Counter(word for word in done if isinstance(word, str))
        refused = [
            Refused(number, refused_line(_own_problem(error)))
            for number, error in enumerate(done, start=1)
            if isinstance(error, BaseException)
        ]
        return Received(tally["accepted"] + tally["kept"], tally["duplicate"], refused)

    async def _submit(self, raw: bytes, namespace: int) -> str:
        try:
            word = await self._durable(raw, namespace)
        except Exception as error:
            self._counts.pixel_events[problem_of(error).code] += 1
            raise
        self._counts.pixel_events[word] += 1
        return word

    async def _durable(self, raw: bytes, namespace: int) -> str:
        now = self._ports.now()
        signal = pixel.signal_of(raw, namespace, now, self._ports.rules.of(namespace))
        outcome = await self._ports.gateway.submit(signal)
        if outcome.refused == UNDECIDED:
            letter = Letter(
                namespace=namespace, source="pixel", topic="pixel", received_at=now, body=raw
            )
            await self._letters.store(letter, Unprocessed(UNDECIDED, outcome.detail))
            return "kept"
        if outcome.refused:
            raise refusal(outcome)
        return "duplicate" if outcome.duplicate else "accepted"


def _own_problem(error: BaseException) -> Problem:
    """What was wrong with this event alone; raises what is wrong with the server."""
    if not isinstance(error, Exception):
        raise error
    problem = problem_of(error)
    if problem.status == 503:
        raise error
    if problem.status == 500:
        report(error, "pixel")
    return problem

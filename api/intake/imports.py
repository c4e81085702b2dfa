"""Back-fill: orders of the past, as signals like any other."""

import asyncio

from msgspec import Struct

from actors.signals import Busy, Outcome, Unavailable
from api.answers import RefusedLine, refused_line
from api.errors import Problem, problem_of, report
from api.letters.letter import Letter
from api.letters.processing import process
from api.operations.counts import Counts
from api.ports import Ports


class Imported(Struct, frozen=True, kw_only=True):
    status: int = 200
    duplicate: bool
    events: tuple[str, ...]


class Imports:
    def __init__(self, ports: Ports, counts: Counts) -> None:
        self._ports = ports
        self._counts = counts

    async def orders(self, raws: list[bytes], namespace: int) -> list[Imported | RefusedLine]:
        """One result for each line, in order; all at once, so that the gateway can batch them.

        Raises Busy or Unavailable if any line met that; all may be repeated without harm.
        """
        work = (self._order(raw, namespace) for raw in raws)
        done = await asyncio.gather(*work, return_exceptions=True)
        for error in done:
            if isinstance(error, BaseException):
                raise error
        return [line for line in done if not isinstance(line, BaseException)]

    async def _order(self, raw: bytes, namespace: int) -> Imported | RefusedLine:
        try:
            done = await self._processed(raw, namespace)
        except (Busy, Unavailable):
            raise
        except Exception as error:  # noqa: BLE001 - the other lines have their own results
            problem = problem_of(error)
            if problem.status == 500:
                report(error, "imports")
            self._counts.imports["refused"] += 1
            return refused_line(problem)
        self._counts.imports["duplicate" if done.duplicate else "accepted"] += 1
        return Imported(duplicate=done.duplicate, events=done.events)

    async def _processed(self, raw: bytes, namespace: int) -> Outcome:
        letter = Letter(
            namespace=namespace,
            source="import",
            topic="orders",
            received_at=self._ports.now(),
            body=raw,
        )
        done = await process(self._ports.gateway, self._ports.keyring, letter)
        if isinstance(done, Outcome):
            return done
        raise Problem(422, done.reason, done.detail or "the order could not be imported")

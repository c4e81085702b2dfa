"""Back-fill: orders of the past and lists of contacts, as signals like any other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable

from msgspec import Struct

from actors.signals import Busy, Outcome, Unavailable
from api.answers import RefusedLine, refusal, refused_line
from api.errors import Problem, problem_of, report
from api.intake import contacts
from api.intake.contacts import ContactList
from api.letters.letter import Letter
from api.letters.processing import process
from api.operations.counts import Counts
from api.ports import Ports


class Imported(Struct, frozen=True, kw_only=True):
    """`created`: the profile is new. `version` is the profile's after these events, some of which
    may be in the streams of others."""

    status: int = 200
    created: bool
    duplicate: bool
    version: int
    events: tuple[str, ...]


class Imports:
    """One result for each line, in order; all lines at once, so that the gateway can batch them.

    Raises Busy or Unavailable if any line met that; all may be repeated without harm.
    """

    def __init__(self, ports: Ports, counts: Counts) -> None:
        self._ports = ports
        self._counts = counts

    async def orders(self, raws: list[bytes], namespace: int) -> list[Imported | RefusedLine]:
        return await _all((self._order(raw, namespace) for raw in raws), self._counts.imports)

    async def contacts(
        self, raws: list[bytes], listed: ContactList
    ) -> list[Imported | RefusedLine]:
        work = (self._contact(raw, listed) for raw in raws)
        return await _all(work, self._counts.contacts)

    async def _order(self, raw: bytes, namespace: int) -> Outcome:
        letter = Letter(
            namespace=namespace,
            source="import",
            topic="orders",
            received_at=self._ports.now(),
            body=raw,
        )
        done = await process(self._ports, letter)
        if isinstance(done, Outcome):
            return done
        raise Problem(422, done.reason, done.detail or "the order could not be imported")

    async def _contact(self, raw: bytes, listed: ContactList) -> Outcome:
        key = self._ports.keyring.namespace(listed.namespace)
        done = await self._ports.gateway.submit(contacts.signal_of(raw, listed, key))
        if done.refused:
            raise refusal(done)
        return done


async def _all(
    work: Iterable[Awaitable[Outcome]], counts: Counter[str]
) -> list[Imported | RefusedLine]:
    done = await asyncio.gather(*(_line(one, counts) for one in work), return_exceptions=True)
    for error in done:
        if isinstance(error, BaseException):
            raise error
    return [line for line in done if not isinstance(line, BaseException)]


async def _line(work: Awaitable[Outcome], counts: Counter[str]) -> Imported | RefusedLine:
    try:
        done = await work
    except (Busy, Unavailable):
        raise
    except Exception as error:  # noqa: BLE001 - the other lines have their own results
        problem = problem_of(error)
        if problem.status == 500:
            report(error, "imports")
        counts["refused"] += 1
        return refused_line(problem)
    counts["duplicate" if done.duplicate else "accepted"] += 1
    return Imported(
        created=done.created, duplicate=done.duplicate, version=done.version, events=done.events
    )

"""A sender of webhooks and commands that behaves as Shopify does: again until taken."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

import aiohttp
import msgspec
import uvloop
from msgspec import Struct

from tests.faults.attempts import Attempt
from tests.faults.journal import Journal
from tests.faults.sendings import Sending
from tests.faults.threads import alongside

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 0.5  # before the same id is sent again
IMPATIENCE = 0.25  # of the time it is told to wait, whoever tells it so
TIMEOUT_S = 15.0  # for one answer


class Answer(Struct):
    """The members we read of whatever the API answers."""

    result: str | None = None
    duplicate: bool = False
    code: str | None = None
    id: str | None = None
    profile_id: str | None = None


Say = Callable[[Sending], Awaitable[Attempt]]  # answered with the attempt that ended it
Person = Callable[[Say], Coroutine[None, None, None]]
_ANSWER = msgspec.json.Decoder(Answer)


class Client:
    """Sends over up to `connections` connections, to each of `urls` in turn.

    Each sending is repeated with the same id after a 5xx, a 429, silence or a broken connection,
    until it is taken, or nothing at all was taken for `patience_s`. Every attempt goes to the
    journal.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        journal: Journal,
        connections: int = 64,
        patience_s: float = 60,
    ) -> None:
        self.journal = journal
        self._urls = [urls] if isinstance(urls, str) else list(urls)
        self._connections = connections
        self._patience_s = patience_s
        self._begun_at = 0.0

    def send(self, sendings: Iterable[Sending], per_s: float | None = None) -> None:
        """Returns once each has been taken or given up.

        With `per_s` the load is open: so many are begun each second, however slow the answers
        are. Without, every connection sends the next one when it has got its answer.
        """
        self._begun_at = time.monotonic()
        uvloop.run(self._sent(sendings, per_s))

    @contextmanager
    def sending(self, sendings: Iterable[Sending], per_s: float | None = None) -> Iterator[None]:
        """The same beside the block; waits for all answers when the block ends."""
        with alongside(lambda: self.send(sendings, per_s)):
            yield

    @contextmanager
    def talking(self, people: Iterable[Person]) -> Iterator[None]:
        """Each says one thing after the other beside the block, until all have fallen silent."""
        self._begun_at = time.monotonic()
        with alongside(lambda: uvloop.run(self._heard(people))):
            yield

    async def _heard(self, people: Iterable[Person]) -> None:
        async with self._session() as session:
            nth = count()

            async def say(sending: Sending) -> Attempt:
                return await self._taken(session, self._url(next(nth), sending), sending)

            await asyncio.gather(*(person(say) for person in people))

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def _sent(self, sendings: Iterable[Sending], per_s: float | None) -> None:
        async with self._session() as session:
            if per_s is None:
                await self._as_answered(session, sendings)
            else:
                await self._at_rate(session, sendings, per_s)

    async def _as_answered(
        self, session: aiohttp.ClientSession, sendings: Iterable[Sending]
    ) -> None:
        queue = iter(enumerate(sendings))

        async def connection() -> None:
            for nth, sending in queue:
                await self._taken(session, self._url(nth, sending), sending)

        await asyncio.gather(*(connection() for _ in range(self._connections)))

    async def _at_rate(
        self, session: aiohttp.ClientSession, sendings: Iterable[Sending], per_s: float
    ) -> None:
        started = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for nth, sending in enumerate(sendings):
                await asyncio.sleep(started + nth / per_s - time.monotonic())
                tasks.create_task(self._taken(session, self._url(nth, sending), sending))

    async def _taken(self, session: aiohttp.ClientSession, url: str, sending: Sending) -> Attempt:
        """The last attempt."""
        self.journal.tell(sending)
        pause, number = FIRST_PAUSE_S, 1
        while True:
            attempt, retry_after_s = await self._attempted(session, url, sending, number)
            self.journal.note(attempt)
            if not attempt.failed or self._is_hopeless():
                return attempt
            await asyncio.sleep(max(pause, retry_after_s * IMPATIENCE))
            pause, number = min(pause * 2, LONGEST_PAUSE_S), number + 1

    async def _attempted(
        self, session: aiohttp.ClientSession, url: str, sending: Sending, number: int
    ) -> tuple[Attempt, float]:
        """And what Retry-After said."""
        sent_at = time.monotonic()
        try:
            async with session.post(url, data=sending.body, headers=sending.headers) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            kind = type(error).__name__
            return Attempt(sending.id, number, sent_at, time.monotonic(), error=kind), 0.0
        said = _ANSWER.decode(body) if response.content_type.endswith("json") else Answer()
        attempt = Attempt(
            id=sending.id,
            number=number,
            sent_at=sent_at,
            answered_at=time.monotonic(),
            status=response.status,
            error=said.code,
            result=_result(said) if response.status < 300 else None,
            made=said.id or said.profile_id,
        )
        return attempt, _seconds(response.headers.get("Retry-After"))

    def _is_hopeless(self) -> bool:
        last = max(self._begun_at, self.journal.last_taken_at)
        return time.monotonic() > last + self._patience_s

    def _url(self, nth: int, sending: Sending) -> str:
        return self._urls[nth % len(self._urls)] + sending.path


def _result(said: Answer) -> str:
    return said.result or ("duplicate" if said.duplicate else "accepted")


def _seconds(said: str | None) -> float:
    return float(said) if said and said.isdecimal() else 0.0

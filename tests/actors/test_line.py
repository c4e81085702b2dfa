"""A host that says nothing: its callers are let go in time, and it does not take others along."""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import TypeVar

import pytest

from actors import line as tuning
from actors import silence
from actors.line import Deliveries, Line
from actors.signals import Busy, Outcome, Routed, Unavailable
from tests.actors.callers import LocalHost
from tests.actors.shopping import ADA, order, signal, to

T = TypeVar("T")
TURNS = 10  # of the event loop, which take no time: nobody waits for anything meanwhile


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "PATIENCE_S", 0.2)
    monkeypatch.setattr(tuning, "STALLED_S", 0.05)
    monkeypatch.setattr(tuning, "LOOK_S", 0.01)
    monkeypatch.setattr(silence, "LONG_S", 0.03)
    monkeypatch.setattr(tuning, "MAX_WAITING_STALLED", 3)
    monkeypatch.setattr(tuning, "FIRST_PAUSE_S", 0.005)
    monkeypatch.setattr(tuning, "LONGEST_PAUSE_S", 0.01)


def run(scene: Callable[[LocalHost, Line], Awaitable[T]]) -> T:
    async def play() -> T:
        host = LocalHost()
        return await scene(host, Line(host))

    return asyncio.run(play())


def one() -> Routed:
    return to(ADA, signal(order()), fresh=True)


async def sent(line: Line) -> Outcome | Exception:
    try:
        return await line.send(one())
    except (Busy, Unavailable) as error:
        return error


async def hung(host: LocalHost, line: Line) -> "asyncio.Task[Outcome | Exception]":
    """A signal is under way to a host that does not answer any more."""
    host.open.clear()
    first = asyncio.create_task(sent(line))
    await asyncio.sleep(0)
    return first


def test_nobody_waits_longer_than_their_patience_for_a_host_that_says_nothing() -> None:
    async def scene(host: LocalHost, line: Line) -> tuple[Outcome | Exception, ...]:
        first = await hung(host, line)
        return await asyncio.gather(first, sent(line))

    under_way, queued = run(scene)
    assert isinstance(under_way, Unavailable)
    assert isinstance(queued, Unavailable)


def test_few_may_wait_for_a_host_that_says_nothing() -> None:
    async def scene(host: LocalHost, line: Line) -> list[Outcome | Exception]:
        await hung(host, line)
        await asyncio.sleep(tuning.STALLED_S * 1.5)
        return list(await asyncio.gather(*(sent(line) for _ in range(5))))

    answers = run(scene)
    assert [type(answer) for answer in answers] == [*[Unavailable] * 3, *[Busy] * 2]


def test_once_patience_cannot_last_the_answer_is_no_at_once() -> None:
    async def scene(host: LocalHost, line: Line) -> Outcome | Exception:
        await asyncio.gather(await hung(host, line))
        answer = asyncio.create_task(sent(line))
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return answer.result()

    assert isinstance(run(scene), Busy)


def test_a_host_that_comes_back_is_noticed_by_the_next_who_tries() -> None:
    async def scene(host: LocalHost, line: Line) -> list[Outcome | Exception]:
        await asyncio.gather(await hung(host, line))
        host.open.set()
        async with asyncio.timeout(5):
            while isinstance(answer := await sent(line), Exception):  # noqa: ASYNC110  # it asks
                await asyncio.sleep(0.005)
        return [answer, await sent(line)]

    assert [type(answer) for answer in run(scene)] == [Outcome, Outcome]


def test_who_waits_because_a_host_was_silent_is_told_apart_until_all_of_them_are_answered() -> None:
    async def scene(host: LocalHost, line: Line) -> list[int]:
        waiting = [await hung(host, line), *(asyncio.create_task(sent(line)) for _ in range(2))]
        await asyncio.sleep(0)
        seen = [line.held_up]
        await asyncio.sleep(silence.LONG_S * 1.2)
        seen.append(line.held_up)
        host.open.set()
        await waiting[0]
        host.open.clear()
        seen.append(line.held_up)
        host.open.set()
        await asyncio.gather(*waiting)
        return [*seen, line.held_up]

    assert run(scene) == [0, 3, 2, 0]


def test_when_a_silence_ended_is_known_and_a_short_one_is_none() -> None:
    async def scene(host: LocalHost, line: Line) -> tuple[float, float, float, float]:
        await sent(line)
        before = line.silence.until
        first = await hung(host, line)
        await asyncio.sleep(silence.LONG_S * 1.2)
        during, now = line.silence.until, asyncio.get_running_loop().time()
        host.open.set()
        await first
        ended = line.silence.until
        await sent(line)
        assert line.silence.until == ended
        return before, during, now, ended

    before, during, now, ended = run(scene)
    assert before == -inf
    assert during <= now <= ended


def test_what_became_of_deliveries_is_counted() -> None:
    async def play() -> Deliveries:
        host, counted = LocalHost(), Deliveries()
        line = Line(host, counted)
        host.losses = 2
        await sent(line)
        await asyncio.gather(await hung(host, line))
        await sent(line)
        return counted

    counted = asyncio.run(play())
    assert (counted.batches, counted.again) == (4, 2)
    assert (counted.impatient, counted.turned_away) == (1, 1)

"""Work that goes on for ever gives way to whoever is waited for."""

import asyncio
from itertools import count

import pytest

from api import rounds as module
from api.rounds import rounds

EVERY_S = 7.0
TAKES_S = 2  # each round, by the clock


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Before each round."""
    told: list[float] = []
    clock = count(0, TAKES_S)

    async def sleep(seconds: float) -> None:
        told.append(seconds)

    monkeypatch.setattr(module, "monotonic", lambda: next(clock))
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return told


def carried_out(has_more: list[bool], rests: float = 0.0) -> None:
    """Ends once there are no answers left."""
    left = iter(has_more)

    async def work() -> bool:
        for answer in left:
            return answer
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(rounds(work, EVERY_S, "test", rests))


def test_where_there_is_more_to_do_it_goes_on_at_once(pauses: list[float]) -> None:
    carried_out([True, True, False])
    assert pauses == [EVERY_S, 0, 0, EVERY_S]


def test_what_nobody_waits_for_rests_in_between_the_longer_the_slower_it_goes(
    pauses: list[float],
) -> None:
    carried_out([True, True, False], rests=4)
    assert pauses == [EVERY_S, 4 * TAKES_S, 4 * TAKES_S, EVERY_S]

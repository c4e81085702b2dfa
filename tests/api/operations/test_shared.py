"""A question that hangs hurts nobody but those who asked, and they not for long."""

import asyncio

import pytest

from api.operations import shared
from api.operations.shared import Shared


class Oracle:
    """Answers once it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def ask(self) -> str:
        self.asked += 1
        await self.may_answer.wait()
        return "yes"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "PATIENCE_S", 0.01)


def test_many_who_ask_at_once_cause_one_question() -> None:
    async def story() -> None:
        oracle = Oracle()
        question = Shared(oracle.ask)
        answers = asyncio.gather(*(question.answer() for _ in range(50)))
        oracle.may_answer.set()
        assert await answers == ["yes"] * 50
        assert oracle.asked == 1

    asyncio.run(story())


def test_while_one_question_hangs_no_other_is_asked() -> None:
    async def story() -> None:
        oracle = Oracle()
        question = Shared(oracle.ask)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await question.answer()
        assert oracle.asked == 1
        oracle.may_answer.set()
        assert await question.answer() == "yes"

    asyncio.run(story())


def test_a_question_that_hangs_for_good_is_dropped_and_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "GIVE_UP_S", 0.0)

    async def story() -> None:
        oracle = Oracle()
        question = Shared(oracle.ask)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await question.answer()
        assert oracle.asked == 3

    asyncio.run(story())


def test_what_the_question_raises_everybody_hears() -> None:
    async def refuse() -> str:
        raise RuntimeError

    async def story() -> None:
        question = Shared(refuse)
        heard = await asyncio.gather(*(question.answer() for _ in range(2)), return_exceptions=True)
        assert [type(error) for error in heard] == [RuntimeError, RuntimeError]

    asyncio.run(story())

"""Commands on their way to the gateway, alone or many at once, and what their senders hear."""

import asyncio

from actors.signals import Outcome
from api.answers import UNDECIDED, AnswerLine, RefusedLine, line, refusal, refused_line
from api.errors import Problem, problem_of, report
from api.intake.command import Caller, signal_of
from api.letters.letter import Letter
from api.letters.processing import Unprocessed
from api.letters.store import DeadLetters
from api.operations.counts import Counts
from api.ports import Ports
from api.shops.directory import KeyHolder


class Commands:
    """Takes commands to the gateway; one it could not decide is kept for a second try."""

    def __init__(self, ports: Ports, letters: DeadLetters, counts: Counts) -> None:
        self._ports = ports
        self._letters = letters
        self._counts = counts

    async def one(self, raw: bytes, holder: KeyHolder, key: str | None = None) -> Outcome:
        """Raises Problem, also for a refusal, or what the gateway raises."""
        by = f"key:{holder.prefix}"
        rules = self._ports.rules.of(holder.namespace)
        caller = Caller(holder.namespace, by, self._ports.now(), rules)
        signal = signal_of(raw, caller, key)
        outcome = await self._ports.gateway.submit(signal)
        if outcome.refused == UNDECIDED:
            given = {"by": by} | ({"key": key} if key else {})
            letter = Letter(
                namespace=holder.namespace,
                source="api",
                topic=type(signal.steps[0].command).__name__,
                received_at=caller.received_at,
                body=raw,
                key=signal.id,
                given=given,
            )
            raise await self._kept(letter, outcome)
        if outcome.refused:
            raise refusal(outcome)
        return outcome

    async def many(self, raws: list[bytes], holder: KeyHolder) -> list[AnswerLine | RefusedLine]:
        """All at once, so that the gateway can batch them; the answers in their order."""
        return await asyncio.gather(*(self._line(raw, holder) for raw in raws))

    async def _line(self, raw: bytes, holder: KeyHolder) -> AnswerLine | RefusedLine:
        try:
            return line(await self.counted(raw, holder))
        except Exception as error:  # noqa: BLE001 - the other lines have their own answers
            problem = problem_of(error)
            if problem.status == 500:
                report(error, "commands")
            return refused_line(problem)

    async def counted(self, raw: bytes, holder: KeyHolder, key: str | None = None) -> Outcome:
        try:
            done = await self.one(raw, holder, key)
        except Exception as error:
            self._counts.commands[_label(problem_of(error))] += 1
            raise
        self._counts.commands["duplicate" if done.duplicate else "accepted"] += 1
        return done

    async def _kept(self, letter: Letter, outcome: Outcome) -> Problem:
        kept = await self._letters.store(letter, Unprocessed(UNDECIDED, outcome.detail))
        detail = f"our mistake; the command is kept as dead letter {kept} and need not be repeated"
        return Problem(422, "could_not_decide", detail)


def _label(problem: Problem) -> str:
    """Rejections have as many codes as the business has rules; the metric has one."""
    return "refused" if problem.status == 409 else problem.code

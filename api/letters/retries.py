"""Dead letters tried again: when an operator says so, or once the awaited owner is known."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from actors.signals import Busy, Outcome, Unavailable
from aggregates.log.keys import Unreadable
from api.errors import UNREACHABLE, report
from api.letters.processing import Unprocessed, process
from api.letters.store import PAGE_AT_MOST, DeadLetters
from api.operations.counts import Counts
from api.ports import Ports
from api.rounds import rounds
from config.logs import logger

EVERY_S = 1.0
AT_ONCE = 100  # letters whose owner arrived, in one round
log = logger()


class Tally(Struct):
    """How a run of retries ended, letter by letter."""

    retried: int = 0
    failed: int = 0


class Retries:
    def __init__(self, ports: Ports, letters: DeadLetters, counts: Counts) -> None:
        self._ports = ports
        self._letters = letters
        self._counts = counts

    async def these(self, letter_ids: Sequence[UUID]) -> Tally:
        """In this order. Raises Busy, Unavailable or one of UNREACHABLE where it stopped."""
        tally = Tally()
        for letter_id in letter_ids:
            if await self._attempt(letter_id):
                tally.retried += 1
            else:
                tally.failed += 1
        self._counts.letters_retried["retried"] += tally.retried
        self._counts.letters_retried["failed"] += tally.failed
        if tally.retried:
            log.info("letters_retried", count=tally.retried)
        return tally

    async def all(self, reason: str | None = None) -> Tally:
        """Every open letter once, or every one kept for `reason`."""
        whole, after = Tally(), None
        while page := await self._letters.listed("open", after, PAGE_AT_MOST):
            after = page[-1].letter_id
            wanted = [kept.letter_id for kept in page if reason in (None, kept.reason)]
            tally = await self.these(wanted)
            whole.retried += tally.retried
            whole.failed += tally.failed
        return whole

    async def forever(self) -> None:
        """Retries letters whose owner arrived. Two processes doing so repeat, harmlessly."""
        await rounds(self._arrived, EVERY_S, "retries")

    async def _arrived(self) -> bool:
        await self.these(await self._letters.arrived(AT_ONCE))
        return False  # each is tried less and less often: the next ones can wait a moment

    async def _attempt(self, letter_id: UUID) -> bool:
        why = await self._outcome(letter_id)
        await self._letters.settle(letter_id, why)
        return why is None

    async def _outcome(self, letter_id: UUID) -> Unprocessed | None:
        try:
            letter = await self._letters.read(letter_id)
            if letter is None:
                return Unprocessed("not_open", "the letter is not open any more")
            done = await process(self._ports, letter)
        except (Busy, Unavailable, *UNREACHABLE):
            raise
        except Unreadable:
            return Unprocessed("unreadable", "the content does not open with this master key")
        except Exception as error:  # noqa: BLE001 - the next letter may well succeed
            report(error, "retries")
            return Unprocessed("internal", type(error).__name__)
        return None if isinstance(done, Outcome) else done

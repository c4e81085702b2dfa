"""Callers who send a signal, always with the same id, until they are told what became of it."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from actors.signals import Busy, NobodyYet, Outcome, Signal, Unavailable, UnknownProfile
from tests.simulation.doors import ConnectionLost, Door
from tests.simulation.ledger import Ledger
from tests.simulation.shop import Sending
from tests.simulation.world import World, name_of

PATIENCE_S = 5.0  # of a caller; what takes longer is tried again
HASTE_S = 0.3  # of one who leaves early
PAUSE_S, LONG_PAUSE_S = 1.0, 4.0
TRY_AGAIN = (TimeoutError, ConnectionLost, Unavailable)


class Callers:
    def __init__(self, world: World, door: Door, ledger: Ledger) -> None:
        self._world = world
        self._door = door
        self._ledger = ledger
        self._known: dict[tuple[int, str], asyncio.Future[Outcome]] = {}
        self.waiting: Counter[str] = Counter()

    async def tell_all(self, sendings: Sequence[Sending]) -> None:
        """Returns once every caller has an answer."""
        self.waiting.update(sending.signal.id for sending in sendings)
        await asyncio.gather(*map(self._tell, sendings))

    async def _tell(self, sending: Sending) -> None:
        await asyncio.sleep(sending.at_s)
        signal = sending.signal
        if sending.follows is not None:
            followed = await self._answer_to(sending.follows)
            signal = replace(signal, profile=followed.profile_id)
        while not await self._answered(signal, sending.stranger):
            await self._pauses()
        self.waiting[signal.id] -= 1

    async def _pauses(self) -> None:
        await asyncio.sleep(self._world.between(0.05, PAUSE_S))

    async def _answered(self, signal: Signal, stranger: bool) -> bool:
        self._ledger.sent(signal)
        try:
            async with asyncio.timeout(self._patience_s()):
                outcome = await self._door.handle(signal)
        except (Busy, NobodyYet):  # told to come again later
            await asyncio.sleep(self._world.between(PAUSE_S, LONG_PAUSE_S))
            return False
        except TRY_AGAIN as error:
            self._world.note("caller", f"{signal.id}: {type(error).__name__}")
            return False
        except UnknownProfile:
            if not stranger:
                self._world.broken(f"{signal.id}: its profile is unknown")
            return True
        if stranger:
            self._world.broken(f"{signal.id} reached a profile of another shop: {outcome}")
        self._world.note("caller", f"{signal.id}: {_said(outcome)}")
        self._ledger.answered(signal, outcome)
        known = self._answer_to(signal)
        if outcome.version and not known.done():
            known.set_result(outcome)
        return True

    def _answer_to(self, signal: Signal) -> "asyncio.Future[Outcome]":
        """The first answer that anybody gets to this signal and that names a profile."""
        key = signal.namespace, signal.id
        return self._known.setdefault(key, self._world.loop.create_future())

    def _patience_s(self) -> float:
        leaves = self._world.weather.strikes("caller leaves")
        return self._world.between(0, HASTE_S) if leaves else PATIENCE_S


def _said(outcome: Outcome) -> str:
    said = outcome.refused or f"{'again ' * outcome.duplicate}{' '.join(outcome.events)}"
    return f"{name_of(outcome.profile_id)} version {outcome.version} {said}"

"""Whenever a shop has changed its windows its customers are looked at again, page by page."""

from datetime import timedelta

from api.lifecycle.progress import Progress, held_of_all, is_done, put
from api.lifecycle.restaging import restage
from api.ports import Ports
from api.rounds import rounds
from api.shops.rules import Known

EVERY_S = 2.0
KNOWN_BY_ALL = timedelta(seconds=3)  # every reader of the log looks for new rules once a second


class WindowsChanged:
    """Broken off it goes on where it was; two processes doing so repeat, harmlessly."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def forever(self) -> None:
        await rounds(self.round, EVERY_S, "restaging")

    async def round(self) -> bool:
        """Never asks for another one at once. Raises Unavailable or one of UNREACHABLE."""
        progress = await held_of_all(self._ports.pool)
        if progress is None:
            return False
        for namespace in self._ports.rules.settled:
            known, held = self._ports.rules.known(namespace), progress.get(namespace)
            if not is_done(held, known.windows) and not self._is_new(known):
                await self._look_at_all(namespace, known, held)
        return False

    def _is_new(self, known: Known) -> bool:
        return known.changed_at is not None and self._ports.now() - known.changed_at < KNOWN_BY_ALL

    async def _look_at_all(self, namespace: int, known: Known, held: Progress | None) -> None:
        """Or as many as are left, unless the windows change meanwhile: then all begin anew."""
        pool, now, rules = self._ports.pool, self._ports.now(), known.settings.lifecycle
        done = Progress(known.windows, begun_at=now)
        if held is not None and held.windows == known.windows:
            done = held
        await put(pool, namespace, done)
        async for reached in restage(pool, namespace, rules, now, done.last):
            looked_at = done.looked_at + reached.looked_at
            done = done._replace(last=reached.profile, looked_at=looked_at)
            await put(pool, namespace, done)
            if self._ports.rules.known(namespace).windows != known.windows:
                return
        await put(pool, namespace, done._replace(finished_at=self._ports.now()))

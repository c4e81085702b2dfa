"""Looks at this process every other second and logs what has changed: once, when it changes."""

import asyncio

from api.operations.counts import Counts
from api.operations.health import Health
from config.edges import Flood, Outage
from config.failures import failure
from config.logs import logger

LOOKS_EVERY_TICKS = 8
TICK_S = 0.25  # so often the event loop is asked how late it is
log = logger()


class Watch:
    """`delay_s` is how late the event loop was, at worst, since the look before."""

    def __init__(self, health: Health, counts: Counts) -> None:
        self._health, self._counts = health, counts
        self._outages: dict[str, Outage] = {}
        self._shedding = Outage("shedding_began", "shedding_ended")
        self._forgeries = Flood("signatures_refused")
        self._was_ready = self._is_draining = False
        self._shed_before = self._shed = self._refused = 0
        self.delay_s = 0.0

    async def forever(self) -> None:
        """Until it is cancelled, because the process ends."""
        log.info("started")
        try:
            while True:
                self.delay_s = await _lateness()
                await self._looked()
        finally:
            log.info("stopped")

    async def _looked(self) -> None:
        try:
            await self.look()
        except Exception as error:  # noqa: BLE001 - the next look may well succeed
            log.error("watch_failed", **failure(error))

    async def look(self) -> None:
        parts = {name: part.ready for name, part in (await self._health.parts()).items()}
        if all(parts.values()) and not self._was_ready:
            self._was_ready = True
            log.info("ready")
        if not parts.pop("draining") and not self._is_draining:
            self._is_draining = True
            log.info("draining")
        for name, well in parts.items():
            outage = self._outages.setdefault(name, Outage("part_lost", "part_back"))
            (outage.over if well else outage.failed)(part=name)
        self._note_shedding()
        self._note_forgeries()

    def _note_shedding(self) -> None:
        shed = sum(self._counts.shed().values())
        if shed > self._shed:
            self._shedding.failed()
        else:
            self._shedding.over(count=shed - self._shed_before)
            self._shed_before = shed
        self._shed = shed

    def _note_forgeries(self) -> None:
        refused = self._counts.webhooks["bad_signature"]
        if refused > self._refused:
            self._forgeries.happened(count=refused - self._refused)
        self._refused = refused


async def _lateness() -> float:
    loop = asyncio.get_running_loop()
    worst = 0.0
    for _ in range(LOOKS_EVERY_TICKS):
        asked = loop.time()
        await asyncio.sleep(TICK_S)
        worst = max(worst, loop.time() - asked - TICK_S)
    return worst

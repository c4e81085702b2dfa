"""Every shop's settings, followed in memory: what is asked for with every signal must not wait.

Whoever changes settings sees the change at once; the other API processes within `EVERY_S`.
"""

import asyncio
from datetime import datetime

from msgspec import Struct

from actors.signals import Unavailable
from aggregates.log.port import LogUnreachable
from aggregates.log.shops import ShopLog, ShopRecord
from aggregates.shop.bounds import Bounds, bounds_of
from aggregates.shop.identity_rules import IdentityRules
from aggregates.shop.lifecycle_rules import LifecycleRules
from aggregates.shop.settings import Settings, evolve
from api.errors import report
from api.views.engagement import Sending

EVERY_S = 1.0


class Known(Struct, frozen=True):
    """A shop's settings in one of its worlds. No version yet: nobody has changed anything.

    `windows` is the version that its windows came with."""

    settings: Settings = Settings()
    version: int = 0
    changed_at: datetime | None = None
    bounds: Bounds = Bounds()
    windows: int = 0

    def after(self, record: ShopRecord) -> "Known":
        assert record.version == self.version + 1, "positions are in the order of versions"
        settings = evolve(self.settings, record.event)
        same = settings.lifecycle == self.settings.lifecycle
        return Known(
            settings,
            record.version,
            record.recorded_at,
            bounds_of(settings),
            windows=self.windows if same else record.version,
        )


class Rules:
    """One per API process, for all shops. Until the first look there is no answer."""

    def __init__(self, log: ShopLog) -> None:
        self._log = log
        self._known: dict[int, Known] = {}
        self._position: int | None = None

    def known(self, namespace: int) -> Known:
        """Raises Unavailable."""
        if self._position is None:
            raise Unavailable("the shops' settings could not be read yet")
        return self._known.get(namespace, _USUAL)

    def of(self, namespace: int) -> IdentityRules:
        """How shoppers are recognised. Raises Unavailable."""
        return self.known(namespace).settings.identity

    def bounds(self, namespace: int) -> Bounds:
        """What of that a host needs to know. Raises Unavailable."""
        return self.known(namespace).bounds

    def lifecycle(self, namespace: int) -> LifecycleRules:
        """Raises Unavailable."""
        return self.known(namespace).settings.lifecycle

    def sending(self, namespace: int, at: datetime) -> Sending:
        """By what a profile is told as of `at`. Raises Unavailable."""
        held = self.known(namespace).settings
        return Sending(at, held.messaging, held.clock.time_zone, held.lifecycle)

    @property
    def settled(self) -> list[int]:
        """The namespaces that have settings of their own."""
        return sorted(self._known)

    async def catch_up(self) -> None:
        """Afterwards whatever was committed before is known. Raises LogUnreachable."""
        while records := await self._log.after(self._position or 0):
            for record in records:
                self._learn(record)
        self._position = self._position or 0

    async def look(self) -> None:
        """Catches up if that is possible now."""
        try:
            await self.catch_up()
        except LogUnreachable:
            return  # what is known goes on until the database is back
        except Exception as error:  # noqa: BLE001 - one bad look must not end all of them
            report(error, "settings")

    async def forever(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look()

    def _learn(self, record: ShopRecord) -> None:
        if record.position <= (self._position or 0):
            return  # two of us were looking at once
        held = self._known.get(record.namespace, _USUAL)
        self._known[record.namespace] = held.after(record)
        self._position = record.position


_USUAL = Known()

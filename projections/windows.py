"""Each shop's settings, as whoever keeps the read models knows them: from the shops' events."""

from collections.abc import Callable
from time import monotonic

from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.shops import open_changes
from aggregates.shop.lifecycle_rules import LifecycleRules
from aggregates.shop.settings import Settings, SettingsChanged, evolve

EVERY_S = 1.0
SINCE = (
    "SELECT position, namespace_id, version, state FROM shop_events WHERE position > %s"
    " ORDER BY position"
)


class Windows:
    """`look` before asking; it asks the database once in a while."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._settings: dict[int, Settings] = {}
        self._versions: dict[int, int] = {}
        self._position = 0
        self._again_at = clock()

    def of(self, namespace: int) -> LifecycleRules:
        return self.settings(namespace).lifecycle

    def settings(self, namespace: int) -> Settings:
        return self._settings.get(namespace, _USUAL)

    def version(self, namespace: int) -> int:
        """How often the shop has changed its settings."""
        return self._versions.get(namespace, 0)

    def look(self, connection: Connection[TupleRow]) -> None:
        if self._clock() >= self._again_at:
            self.catch_up(connection)

    def catch_up(self, connection: Connection[TupleRow]) -> None:
        """Now, however short ago the last look was."""
        for position, namespace, version, state in connection.execute(
            SINCE, (self._position,)
        ).fetchall():
            event = SettingsChanged(open_changes(state))
            self._settings[namespace] = evolve(self.settings(namespace), event)
            self._versions[namespace] = version
            self._position = position
        self._again_at = self._clock() + EVERY_S


_USUAL = Settings()

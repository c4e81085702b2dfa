"""Segments that could not be settled: they are tried again later, so that others need not wait."""

from datetime import datetime, timedelta
from uuid import UUID

from config.logs import logger

FOR = timedelta(minutes=10)
log = logger()


class PutOff:
    """Of one process: another one finds out for itself."""

    def __init__(self) -> None:
        self._until: dict[UUID, datetime] = {}

    def at(self, now: datetime) -> list[UUID]:
        """Whose time has not come yet."""
        self._until = {one: until for one, until in self._until.items() if until > now}
        return list(self._until)

    def add(self, segment_id: UUID, now: datetime, why: str) -> None:
        log.warning("segment_put_off", segment_id=segment_id, error=why)
        self._until[segment_id] = now + FOR

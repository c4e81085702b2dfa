"""One event with everything the log remembers about it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aggregates.profile.latest import Stamp
from aggregates.profile.profile import Event, Happened
from aggregates.profile.source import Source, trust


class Record(Struct, frozen=True, kw_only=True):
    """An event of `stream` at `version`, about `subject` (the two differ only while merged).

    `occurred_at` is when it happened in the world, `recorded_at` when we decided; both UTC.
    `erased` tells that its personal fields can no longer be read.
    """

    stream: UUID
    version: int
    subject: UUID
    event: Event
    occurred_at: datetime
    recorded_at: datetime
    command_id: str
    by: str
    source: Source
    erased: bool = False

    @property
    def originator_id(self) -> UUID:
        return self.stream

    @property
    def originator_version(self) -> int:
        return self.version

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.occurred_at, trust(self.source))

    @property
    def happened(self) -> Happened:
        return Happened(self.event, self.stamp)

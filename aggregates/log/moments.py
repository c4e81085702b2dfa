"""Which state of a profile is asked for: that of now, or an earlier one."""

from datetime import datetime
from typing import NamedTuple

from aggregates.log.record import Record

LAST_VERSION = 2**63 - 1


class Moment(NamedTuple):
    """After `version` events of its stream; of what had happened by `at`; or as it was known to us
    at `known_at`. Where nothing is given, all counts."""

    version: int | None = None
    at: datetime | None = None
    known_at: datetime | None = None

    @property
    def last_version(self) -> int:
        return LAST_VERSION if self.version is None else self.version

    @property
    def looks_at_times(self) -> bool:
        """Which events count then, no snapshot can tell."""
        return self.at is not None or self.known_at is not None

    def shows(self, record: Record) -> bool:
        """By its times. `version` counts in the profile's own stream alone."""
        return (self.at is None or record.occurred_at <= self.at) and (
            self.known_at is None or record.recorded_at <= self.known_at
        )


NOW = Moment()

"""What the API needs from the rest of the product; tests stand in for it here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from actors.line import Deliveries
from actors.signals import Outcome, Signal
from aggregates.log.histories import Told
from aggregates.log.keys import Keyring
from aggregates.log.moments import NOW, Moment
from aggregates.log.record import Record
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import Profile
from api.changes import WAIT_AT_MOST_S
from api.operations.condition import Condition
from api.room import Silences
from api.shops.rules import Rules


class Gateway(Silences, Protocol):
    @property
    def waiting(self) -> int:
        """Signals accepted and not yet answered."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """What became of the batches to the hosts."""
        ...

    async def submit(self, signal: Signal) -> Outcome:
        """Returns once durable. Raises Busy, Unavailable, NobodyYet or UnknownProfile."""
        ...

    async def stats(self) -> Sequence[Mapping[str, object]]:
        """Numbers of each host; one that does not answer has the member `lost` instead."""
        ...


class Folded(Protocol):
    @property
    def profile_id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def profile(self) -> Profile: ...


class Histories(Protocol):
    async def profile(
        self, namespace: int, profile_id: UUID, moment: Moment = NOW
    ) -> Folded | None:
        """None where there is no such profile (yet)."""
        ...

    async def told(self, namespace: int, profile_id: UUID, moment: Moment = NOW) -> Told | None:
        """All that is told of the profile and of those it stands for."""
        ...

    async def records(
        self,
        namespace: int,
        profile_id: UUID,
        *,
        from_version: int,
        limit: int,
        topic: str | None,
        subject: UUID | None,
    ) -> list[Record]: ...

    async def listed(self, namespace: int, places: Sequence[tuple[UUID, int]]) -> list[Record]:
        """The records at these places (stream and version) of the namespace, in their order."""
        ...


class Identities(Protocol):
    async def owners(
        self, namespace: int, identifiers: Sequence[Identifier]
    ) -> dict[Identifier, UUID]:
        """Who stands for the owner of each identifier; one that nobody owns is left out."""
        ...

    async def head(self, profile: UUID) -> UUID:
        """Who stands for the profile: itself unless it is part of another."""
        ...


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ports:
    """Everything a running API is made of. `pool` is for shops, keys, settings and dead letters."""

    gateway: Gateway
    histories: Histories
    identities: Identities
    pool: AsyncConnectionPool
    keyring: Keyring
    rules: Rules
    admin_token: str
    now: Callable[[], datetime] = utc_now
    condition: Condition = field(default_factory=Condition)
    patience_s: float = WAIT_AT_MOST_S  # with those who wait for changes
    reserve: Path | None = None  # the file without which the database's disk counts as full

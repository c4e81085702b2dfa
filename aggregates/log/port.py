"""What a host needs from a log, whether it is Postgres or memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent as StoredEvent

from aggregates.log.index import Change

SHARDS = 256  # fixed slices of all profiles; stored with each event, so never another number
Key = tuple[int, bytes]  # an identifier's namespace and digest


class StreamMoved(Exception):
    """Somebody else wrote first: a version, a position or a command id is already taken."""


class ClaimsRefused(Exception):
    """Identifiers that another profile owns: `owners` by (namespace, digest)."""

    def __init__(self, owners: Mapping[Key, UUID]) -> None:
        super().__init__(f"{len(owners)} identifiers belong to other profiles")
        self.owners = dict(owners)


class LogUnreachable(Exception):
    """The database did not answer. A commit that was under way may or may not have happened."""


class LogBlocked(LogUnreachable):
    """Somebody else holds a lock on something that was to be written; nothing was."""


class Position(NamedTuple):
    """A place in the log: `number` counts from 1 in each shard, without gaps."""

    shard: int
    number: int

    def __str__(self) -> str:
        return f"{self.shard}:{self.number}"


class Placed(NamedTuple):
    """A stored event with its place in the log and the link of the hash chain that covers it."""

    position: Position
    namespace: int
    stored: StoredEvent
    chain: bytes


class Owner(NamedTuple):
    """Whose an identifier is, and who stands for them; `shared` by too many to unite anybody."""

    subject: UUID
    head: UUID
    shared: bool = False


class Claim(NamedTuple):
    """`profile` owns the identifier behind `digest`."""

    namespace: int
    digest: bytes
    profile: UUID


class WrappedKey(NamedTuple):
    profile: UUID
    namespace: int
    wrapped: bytes


class Unit(NamedTuple):
    """What is committed together or not at all."""

    events: Sequence[Placed] = ()
    claims: Sequence[Claim] = ()
    outcomes: Sequence[tuple[bytes, bytes]] = ()
    keys: Sequence[WrappedKey] = ()
    changes: Sequence[Change] = ()


class Snapshot(NamedTuple):
    profile: UUID
    version: int
    schema: int
    state: bytes


class Stream(NamedTuple):
    """One profile as stored: its wrapped key (empty once erased), a snapshot, the events since."""

    namespace: int
    wrapped: bytes
    snapshot: Snapshot | None
    tail: list[StoredEvent]


class EventLog(Protocol):
    """Every method may raise LogUnreachable."""

    def outcomes(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The stored outcomes among these command keys."""

    def streams(self, profiles: Sequence[UUID], whole: bool = False) -> dict[UUID, Stream]:
        """The streams that exist among these profiles; `whole` leaves snapshots aside."""

    def place(self, namespaced: Iterable[tuple[int, int, StoredEvent]]) -> list[Placed]:
        """Next positions and chain links for (shard, namespace, event), not yet committed."""

    def append(self, unit: Unit) -> None:
        """Commit, durably. Raises StreamMoved or ClaimsRefused, and then nothing was written."""

    def forget_heads(self, shards: Collection[int] | None = None) -> None:
        """Read the heads of these shards (of all) again before the next `place`."""

    def keys(self, profiles: Sequence[UUID]) -> dict[UUID, bytes]:
        """The wrapped keys of the profiles that exist among these."""

    def save_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        """Keep the newest snapshot of each profile."""

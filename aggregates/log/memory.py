"""The log in memory: the same promises without a database, for tests and simulations."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from aggregates.log.heads import START, Head, numbered, tips_of
from aggregates.log.index_memory import MemoryIndex
from aggregates.log.port import (
    Claim,
    ClaimsRefused,
    Key,
    Placed,
    Position,
    Snapshot,
    Stream,
    StreamMoved,
    Unit,
)
from aggregates.log.snapshots import SCHEMA


class MemoryTables:
    """What Postgres would hold. Several `MemoryLog`s may share one, as hosts share a database."""

    def __init__(self) -> None:
        self.events: dict[tuple[UUID | str, int], Placed] = {}
        self.positions: dict[Position, Placed] = {}
        self.index = MemoryIndex()
        self.commands: dict[bytes, bytes] = {}
        self.keys: dict[UUID, tuple[int, bytes]] = {}
        self.snapshots: dict[UUID, Snapshot] = {}

    @property
    def identifiers(self) -> dict[Key, UUID]:
        return self.index.identifiers

    def heads(self, shards: Iterable[int]) -> dict[int, Head]:
        tips = {position.shard: position.number for position in sorted(self.positions)}
        return {s: self._head(s, tips[s]) if s in tips else START for s in shards}

    def _head(self, shard: int, number: int) -> Head:
        return Head(number, self.positions[Position(shard, number)].chain)


class MemoryLog:
    """See `EventLog` for what each method promises."""

    def __init__(self, tables: MemoryTables | None = None) -> None:
        self.tables = tables or MemoryTables()
        self._heads: dict[int, Head] = {}

    def outcomes(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {key: self.tables.commands[key] for key in keys if key in self.tables.commands}

    def streams(self, profiles: Sequence[UUID], whole: bool = False) -> dict[UUID, Stream]:
        return {p: self._stream(p, whole) for p in profiles if p in self.tables.keys}

    def place(self, namespaced: Iterable[tuple[int, int, StoredEvent]]) -> list[Placed]:
        wanted = list(namespaced)
        self._heads.update(
            self.tables.heads({shard for shard, _, _ in wanted} - self._heads.keys())
        )
        return numbered(self._heads, wanted)

    def append(self, unit: Unit) -> None:
        tables = self.tables
        owners = _granted(tables.identifiers, unit.claims)
        if (
            any(_key(p) in tables.events or p.position in tables.positions for p in unit.events)
            or any(key in tables.commands for key, _ in unit.outcomes)
            or any(key.profile in tables.keys for key in unit.keys)
        ):
            raise StreamMoved("somebody else wrote first")
        tables.index.check(unit.changes)
        tables.events.update((_key(placed), placed) for placed in unit.events)
        tables.positions.update((placed.position, placed) for placed in unit.events)
        tables.identifiers.update(owners)
        tables.index.write(unit.changes)
        tables.commands.update(unit.outcomes)
        tables.keys.update((key.profile, (key.namespace, key.wrapped)) for key in unit.keys)
        self._heads.update(tips_of(unit.events))

    def forget_heads(self, shards: Collection[int] | None = None) -> None:
        for shard in list(self._heads) if shards is None else shards:
            self._heads.pop(shard, None)

    def keys(self, profiles: Sequence[UUID]) -> dict[UUID, bytes]:
        return {p: self.tables.keys[p][1] for p in profiles if p in self.tables.keys}

    def save_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        for snapshot in snapshots:
            held = self.tables.snapshots.get(snapshot.profile)
            if held is None or (held.schema, held.version) < (snapshot.schema, snapshot.version):
                self.tables.snapshots[snapshot.profile] = snapshot

    def _stream(self, profile: UUID, whole: bool) -> Stream:
        namespace, wrapped = self.tables.keys[profile]
        snapshot = None if whole else self._snapshot(profile)
        version = snapshot.version if snapshot else 0
        tail = []
        while placed := self.tables.events.get((profile, version := version + 1)):
            tail.append(placed.stored)
        return Stream(namespace, wrapped, snapshot, tail)

    def _snapshot(self, profile: UUID) -> Snapshot | None:
        held = self.tables.snapshots.get(profile)
        return held if held and held.schema == SCHEMA else None


def _key(placed: Placed) -> tuple[UUID | str, int]:
    return placed.stored.originator_id, placed.stored.originator_version


def _granted(held: Mapping[Key, UUID], claims: Iterable[Claim]) -> dict[Key, UUID]:
    """The owners once `claims` are committed; of two in one unit the first is the owner."""
    granted: dict[Key, UUID] = {}
    refused: dict[Key, UUID] = {}
    for namespace, digest, profile in claims:
        key = namespace, digest
        owner = held.get(key) or granted.setdefault(key, profile)
        if owner != profile:
            refused[key] = owner
    if refused:
        raise ClaimsRefused(refused)
    return granted

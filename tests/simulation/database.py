"""The database of a run: the log in memory, and every way in which asking it can go wrong."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from aggregates.log.memory import MemoryLog
from aggregates.log.port import (
    ClaimsRefused,
    Key,
    LogUnreachable,
    Owner,
    Placed,
    Snapshot,
    StoredEvent,
    Stream,
    StreamMoved,
    Unit,
)
from tests.simulation.world import World, name_of

T = TypeVar("T")
SLOW_S = 8.0
LATE_S = (0.05, 9.0)  # a commit whose connection broke takes effect within


class DriverBug(Exception):
    """Nobody has thought of this error."""


class Asker(Protocol):
    """Whose question it is."""

    name: str

    def pause(self, seconds: float) -> None:
        """Waits for the database; may never come back."""

    def may_die(self) -> None:
        """Never comes back if it dies here."""

    def die(self) -> None:
        """It will not survive its next question or answer."""


class SimulatedLog(MemoryLog):
    """One host's connection. Each question takes time, before its effect and after it."""

    def __init__(self, world: World, asker: Asker) -> None:
        super().__init__(world.tables)
        self._world = world
        self._asker = asker

    def outcomes(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        self._ask("outcomes")
        return self._told(super().outcomes(keys))

    def streams(self, profiles: Sequence[UUID], whole: bool = False) -> dict[UUID, Stream]:
        self._ask("streams")
        return self._told(super().streams(profiles, whole))

    def keys(self, profiles: Sequence[UUID]) -> dict[UUID, bytes]:
        self._ask("keys")
        return self._told(super().keys(profiles))

    def place(self, namespaced: Iterable[tuple[int, int, StoredEvent]]) -> list[Placed]:
        wanted = list(namespaced)
        if {shard for shard, _, _ in wanted} - self._heads.keys():
            self._ask("heads")
        return super().place(wanted)

    def append(self, unit: Unit) -> None:
        self._ask("append")
        if self._world.weather.strikes("commit later"):
            self._world.later(0.0, self._world.random.choice(LATE_S), lambda: self._land(unit))
            self._fail(f"append of {_said(unit)}: connection lost, effect to come")
        heads = dict(self._heads)
        try:
            super().append(unit)
        except (StreamMoved, ClaimsRefused) as refused:
            self._world.note(self._asker.name, f"{_said(unit)}: {type(refused).__name__}")
            self._told(None)
            raise
        self._world.note(self._asker.name, f"{_said(unit)}: committed")
        tips, self._heads = self._heads, heads  # it knows where they stand once it has the answer
        self._something_happens_after_a_commit()
        self._told(None)
        self._heads = tips

    def save_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        self._ask("save_snapshots")
        super().save_snapshots(snapshots)
        self._told(None)

    def _land(self, unit: Unit) -> None:
        said = "takes effect after all"
        try:
            MemoryLog(self.tables).append(unit)
        except (StreamMoved, ClaimsRefused):
            said = "comes too late"
        self._world.note(self._asker.name, f"{_said(unit)}: {said}")

    def _ask(self, question: str) -> None:
        weather, world = self._world.weather, self._world
        self._asker.pause(world.between(0, SLOW_S if weather.strikes("slow") else world.latency_s))
        self._asker.may_die()
        if world.database_is_down or weather.strikes("unreachable"):
            self._fail(f"{question}: unreachable")
        self._may_be_buggy()

    def _told(self, answer: T) -> T:
        weather, world = self._world.weather, self._world
        if weather.strikes("slow"):
            self._asker.pause(world.between(0, SLOW_S))
        self._asker.may_die()
        if weather.strikes("answer lost"):
            self._fail("answer lost")
        self._may_be_buggy()
        return answer

    def _something_happens_after_a_commit(self) -> None:
        if self._world.weather.strikes("commit unknown"):
            self._fail("the answer to a commit is lost")
        self._may_be_buggy("commit bug")
        if self._world.weather.strikes("host dies after"):
            self._asker.die()

    def _may_be_buggy(self, fault: str = "bug") -> None:
        if self._world.weather.strikes(fault):
            self._world.note(self._asker.name, "a bug of the driver")
            raise DriverBug

    def _fail(self, why: str) -> None:
        self._world.note(self._asker.name, why)
        raise LogUnreachable(why)


class SimulatedOwners:
    """Who owns identifiers, as one API process asks."""

    def __init__(self, world: World, asker: str, somebody_leaves: Callable[[], None]) -> None:
        self._world = world
        self._asker = asker
        self._somebody_leaves = somebody_leaves

    async def of(self, keys: Sequence[Key]) -> dict[Key, Owner]:
        index = self._world.tables.index
        owners = await self._asked(lambda: {key: index.owner(key) for key in keys})
        return {key: owner for key, owner in owners.items() if owner is not None}

    async def heads(self, profiles: Sequence[UUID]) -> dict[UUID, UUID]:
        redirects = self._world.tables.index.redirects
        return await self._asked(lambda: {p: redirects[p] for p in profiles if p in redirects})

    async def _asked(self, question: Callable[[], T]) -> T:
        weather, world = self._world.weather, self._world
        await asyncio.sleep(world.between(0, world.latency_s))
        if world.database_is_down or weather.strikes("unreachable"):
            world.note(self._asker, "look-up: unreachable")
            raise LogUnreachable("look-up")
        answer = question()
        late = weather.strikes("stale owners")
        await asyncio.sleep(world.between(0, SLOW_S if late else world.latency_s))
        if weather.strikes("caller leaves"):
            self._somebody_leaves()
        return answer


def _said(unit: Unit) -> str:
    streams: dict[str, list[str]] = {}
    for placed in unit.events:
        profile = placed.stored.originator_id
        assert isinstance(profile, UUID)
        streams.setdefault(name_of(profile), []).append(placed.stored.topic)
    told = ", ".join(f"{name}: {' '.join(topics)}" for name, topics in streams.items())
    return f"append [{told}]"

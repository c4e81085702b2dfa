"""The API's side of a host, all in one process: look-ups, ids, and a host that can be held up."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import msgspec

from actors.gateway import Gateway
from actors.identities import Identities, Key
from actors.line import HostLost
from actors.shard import ShardWork
from actors.signals import Outcome, Routed
from aggregates.log.memory import MemoryLog, MemoryTables
from aggregates.log.port import LogUnreachable, Owner
from aggregates.shop.bounds import Bounds
from tests.actors.shopping import KEYRING
from tests.given import NOON

_BATCH = msgspec.msgpack.Decoder(list[Routed])


class MemoryOwners:
    """Looks owners up in `tables` while it is `free`, and fails as often as it is told to."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables
        self.asked: list[Sequence[Key]] = []
        self.failures = 0
        self.free = asyncio.Event()
        self.free.set()

    async def of(self, keys: Sequence[Key]) -> dict[Key, Owner]:
        self.asked.append(keys)
        await self.free.wait()
        if self.failures:
            self.failures -= 1
            raise LogUnreachable("no connection")
        owners = {key: self._tables.index.owner(key) for key in keys}
        return {key: owner for key, owner in owners.items() if owner is not None}

    async def heads(self, profiles: Sequence[UUID]) -> dict[UUID, UUID]:
        redirects = self._tables.index.redirects
        return {profile: redirects[profile] for profile in profiles if profile in redirects}


class LocalHost:
    """A host's work behind the port of the gateway.

    `open` lets batches through; `losses` are lost, before they are applied or (where it
    `commits`) after.
    """

    def __init__(self, tables: MemoryTables | None = None) -> None:
        self.tables = tables or MemoryTables()
        self._work = ShardWork(MemoryLog(self.tables), KEYRING)
        self.batches: list[list[Routed]] = []
        self.under_way = self.most_under_way = 0
        self.losses = 0
        self.commits = False
        self.open = asyncio.Event()
        self.open.set()

    @property
    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.batches]

    async def apply(self, batch: bytes) -> bytes:
        routed = _BATCH.decode(batch)
        self.batches.append(routed)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.open.wait()
            return msgspec.msgpack.encode(self._applied(routed))
        finally:
            self.under_way -= 1

    async def stats(self) -> dict[str, Any]:
        if self.losses:
            raise HostLost("host-0: gone")
        return {"batches": len(self.batches)}

    def _applied(self, routed: list[Routed]) -> list[Outcome]:
        lost, self.losses = self.losses > 0, max(0, self.losses - 1)
        if lost and not self.commits:
            raise HostLost("host-0: gone")
        outcomes = self._work.apply(routed, NOON + timedelta(seconds=len(self.batches)))
        if lost:
            raise HostLost("host-0: gone")
        return outcomes


def minting(start: int = 1) -> Callable[[], UUID]:
    """Ids one after the other, so that tests can name them."""
    numbers = count(start)
    return lambda: UUID(int=next(numbers))


def usual(_namespace: int) -> Bounds:
    """The rules of shops that say nothing."""
    return Bounds()


def gateway(host: LocalHost, start: int = 1, rules_of: Callable[[int], Bounds] = usual) -> Gateway:
    """The gateway of one API process."""
    owners = MemoryOwners(host.tables)
    return Gateway([host], Identities(owners, KEYRING, minting(start), rules_of))

"""Numbers that must be asked for at each scrape, none of which may keep the others away."""

import asyncio
from collections.abc import Mapping, Sequence

from msgspec import Struct

from actors.line import Deliveries
from api.errors import UNREACHABLE
from api.letters.store import DeadLetters
from api.operations.hosts import Hosts, Stats
from api.operations.shared import Shared
from api.ports import Ports


class Asked(Struct, frozen=True):
    """`letters` by reason; None where the database did not tell: no number beats a made-up one."""

    hosts: Sequence[Stats]
    letters: Mapping[str, int] | None
    waiting: int
    deliveries: Deliveries
    pool: Mapping[str, int]


class Scrape:
    def __init__(self, ports: Ports, letters: DeadLetters, hosts: Hosts) -> None:
        self._ports, self._hosts = ports, hosts
        self._letters = Shared(letters.open_by_reason)

    async def asked(self) -> Asked:
        hosts, letters = await asyncio.gather(self._hosts_in_time(), self._letters_in_time())
        gateway = self._ports.gateway
        pool = self._ports.pool.get_stats()
        return Asked(hosts, letters, gateway.waiting, gateway.deliveries, pool)

    async def _hosts_in_time(self) -> Sequence[Stats]:
        try:
            return await self._hosts.stats()
        except TimeoutError:
            return []

    async def _letters_in_time(self) -> Mapping[str, int] | None:
        try:
            return await self._letters.answer()
        except (TimeoutError, *UNREACHABLE):
            return None

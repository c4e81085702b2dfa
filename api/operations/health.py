"""Whether this process can do its work: the database, its tables, the hosts."""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct

from api.ports import Ports
from config.migrations import shipped

PATIENCE_S = 3.0  # for each part


class Part(Struct, frozen=True):
    ready: bool
    detail: str | None = None


class Health:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._migrated = False  # tables do not go away, so one yes is enough

    async def parts(self) -> dict[str, Part]:
        """What is ready, part by part, asked at the same time."""
        checks: dict[str, Callable[[], Awaitable[None]]] = {
            "database": self._database,
            "migrations": self._migrations,
            "hosts": self._hosts,
        }
        found = await asyncio.gather(*(_part(check) for check in checks.values()))
        return dict(zip(checks, found, strict=True))

    async def _database(self) -> None:
        async with self._ports.pool.connection(timeout=PATIENCE_S) as connection:
            await connection.execute("SELECT 1")

    async def _migrations(self) -> None:
        if self._migrated:
            return
        async with self._ports.pool.connection(timeout=PATIENCE_S) as connection:
            rows = await connection.execute("SELECT max(number) FROM schema_migrations")
            newest = await rows.fetchone()
        if newest is None or newest[0] != shipped()[-1].number:
            raise RuntimeError("the tables are not those of this version")
        self._migrated = True

    async def _hosts(self) -> None:
        hosts = await self._ports.gateway.stats()
        lost = sum("lost" in host for host in hosts)
        if lost or not hosts:
            raise RuntimeError(f"{lost} of {len(hosts)} hosts do not answer")


async def _part(check: Callable[[], Awaitable[None]]) -> Part:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, this part is not ready
        told = str(error) if type(error) is RuntimeError else type(error).__name__
        return Part(False, told or type(error).__name__)
    return Part(True)

"""Whether this process can do its work, and if not, which part is at fault."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import psycopg
from msgspec import Struct

from aggregates.log.port import LogUnreachable
from aggregates.log.reading import connected
from api.operations.hosts import Hosts, name_of
from api.operations.shared import Shared
from api.ports import Ports
from config.migrations import shipped
from projections.health import State, states


class Part(Struct, frozen=True):
    ready: bool
    detail: str | None = None


class NotReady(Exception):
    """What is missing, in words that may be shown to anybody."""


class Health:
    """Answers within 3 s whatever hangs; a part that hangs is asked once, however many probe."""

    def __init__(self, ports: Ports, hosts: Hosts) -> None:
        self._ports = ports
        self._asked = hosts
        self._read_models = Shared(partial(_read_models, ports))
        self._migrated = False  # tables do not go away, so one yes is enough
        self._checks: dict[str, Callable[[], Awaitable[None]]] = {
            "database": Shared(self._database).answer,
            "migrations": Shared(self._migrations).answer,
            "hosts": self._hosts,  # shared already
        }

    async def parts(self) -> dict[str, Part]:
        """Every part, asked at the same time."""
        found = await asyncio.gather(*(_part(check) for check in self._checks.values()))
        told = dict(zip(self._checks, found, strict=True))
        return told | self._own() | {"projections": await self._projections()}

    async def _projections(self) -> Part:
        """Told, and no reason to take the process out of service: what is stored is not lost."""
        try:
            read_models = await self._read_models.answer()
        except (TimeoutError, LogUnreachable, psycopg.Error):
            return Part(True, "how far they are is not known")
        late = [f"{one.name} {one.behind:,} events behind" for one in read_models if one.behind]
        parked = [f"{one.name} parked {one.parked}" for one in read_models if one.parked]
        return Part(True, "; ".join([*late, *parked]) or None)

    def _own(self) -> dict[str, Part]:
        """What the process knows of itself."""
        condition = self._ports.condition
        return {
            "disk": _unless(condition.disk_full, "full: nothing can be stored"),
            "draining": _unless(condition.draining, "told to stop; takes no more requests"),
        }

    async def _database(self) -> None:
        async with connected(self._ports.pool) as connection:
            answered = await connection.execute("SHOW transaction_read_only")
            if await answered.fetchone() != ("off",):
                raise NotReady("takes no writes: read-only, or a standby")

    async def _migrations(self) -> None:
        if self._migrated:
            return
        async with connected(self._ports.pool) as connection:
            rows = await connection.execute("SELECT max(number) FROM schema_migrations")
            newest = await rows.fetchone()
        if newest is None or newest[0] != shipped()[-1].number:
            raise NotReady("the tables are not those of this version")
        self._migrated = True

    async def _hosts(self) -> None:
        hosts = await self._asked.stats()
        lost = [name_of(number, host) for number, host in enumerate(hosts) if "lost" in host]
        if lost or not hosts:
            which = f": {', '.join(lost)}" if lost else ""
            raise NotReady(f"{len(lost)} of {len(hosts)} hosts do not answer{which}")


async def _read_models(ports: Ports) -> list[State]:
    async with connected(ports.pool) as connection:
        return await states(connection)


async def _part(check: Callable[[], Awaitable[None]]) -> Part:
    try:
        await check()
    except NotReady as no:
        return Part(False, str(no))
    except TimeoutError:
        return Part(False, "no answer in time")
    except LogUnreachable:
        return Part(False, "cannot be reached")
    except Exception as error:  # noqa: BLE001 - whatever it is, this part is not ready
        return Part(False, type(error).__name__)
    return Part(True)


def _unless(fault: bool, detail: str) -> Part:
    return Part(False, detail) if fault else Part(True)

"""What a shop's platform says over HTTP, and hears."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from rich.console import Console
from uuid_utils.compat import uuid7

from actors.gateway import Gateway
from actors.identities import Identities
from aggregates.log.histories import Histories
from aggregates.log.keys import KEY_BYTES, Keyring
from aggregates.log.owners import PostgresOwners
from aggregates.log.shops import ShopLog
from api.app import create_app
from api.contacts.report import ContactsReport
from api.contacts.sending import Target, import_contacts
from api.merges.asking import Asking
from api.ports import Ports
from api.shops.registry import Created, NewShop, create_shop
from api.shops.rules import Rules
from tests.fuzz.world import ADMIN_TOKEN, Answer, InlineHost, World, as_type, asked, bearer

KEYRING = Keyring(bytes(KEY_BYTES))
IDS = count(1)
SHOP = "m.shop.example"
CHANGEABLE = (
    "SELECT profile_id, max(version) FROM events GROUP BY 1 ORDER BY 1",
    "SELECT profile_id, head FROM redirects ORDER BY 1",
    "SELECT merge_id, reversed_at FROM merges ORDER BY 1",
    "SELECT candidate_id, outcome FROM candidates ORDER BY 1",
    "SELECT key FROM commands ORDER BY 1",
)
T = TypeVar("T")


class Store:
    def __init__(self, world: World, ports: Ports) -> None:
        self.world = world
        self._key = world.shop.live.api_key
        self.sandbox_key = world.shop.sandbox.api_key
        self.ahead = timedelta()
        self.ports = ports
        self._asking = Asking(ports)

    @contextmanager
    def in_sandbox(self) -> Iterator[None]:
        """With the other key of the shop: another namespace."""
        live, self._key = self._key, self.sandbox_key
        yield
        self._key = live

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def get(self, path: str, by: str | None = None) -> Answer:
        return self.world.call("GET", path, bearer(by or self._key))

    def get_while(self, path: str, beside: Coroutine[object, object, None]) -> Answer:
        """The answer to a request during which something else happens."""

        async def both() -> Answer:
            asking = asked(self.world.app, "GET", path, bearer(self._key), ())
            answer, _ = await asyncio.gather(asking, beside)
            return answer

        return self.run(both())

    def run(self, work: Coroutine[object, object, T]) -> T:
        return self.world.loop.run(work)

    def post(
        self, path: str, body: object = None, key: str | None = None, by: str | None = None
    ) -> Answer:
        """Bytes are sent as they are."""
        headers = [*bearer(by or self._key), *as_type("application/json")]
        if key is not None:
            headers.append((b"idempotency-key", key.encode()))
        if not isinstance(body, bytes):
            body = b"" if body is None else msgspec.json.encode(body)
        return self.world.call("POST", path, headers, body)

    def settles(self, **parts: object) -> dict[str, Any]:
        """The settings afterwards."""
        headers = [*bearer(self._key), *as_type("application/json")]
        body = msgspec.json.encode(parts)
        return ok(self.world.call("PUT", "/v1/shop/settings", headers, body))

    def ask_about_the_alike(self) -> int:
        """How many pairs."""
        return self.run(self._asking.round())

    def imported(self, file: Path, source: str = "crm") -> ContactsReport:
        """A list of contacts, as an operator's command line sends it."""
        target = Target(SHOP, source, self.now())

        async def run() -> ContactsReport:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(self.world.app),
                base_url="http://api",
                headers={"Authorization": f"Bearer {ADMIN_TOKEN}"},
            ) as client:
                return await import_contacts(client, target, file, Console(file=StringIO()))

        return self.world.loop.run(run())

    def told(
        self, command: str, profile: dict[str, str], by: str | None = None, **more: object
    ) -> dict[str, Any]:
        """A command's answer."""
        body = {"type": command, "id": f"c{next(IDS)}", "profile": profile, **more}
        return dict(ok(self.post("/v1/commands", body, by=by)))

    def ordered(self, number: str, **profile: str) -> str:
        """An order of 10.00 EUR; the id of the profile that placed it."""
        total = {"amount": "10.00", "currency": "EUR"}
        at = "2026-11-20T10:00:00Z"
        told = self.told("RecordOrder", profile, order_id=number, placed_at=at, total=total)
        return str(told["profile_id"])

    def seen(self, **profile: str) -> str:
        return str(self.told("RecordVisit", profile, visit_id=f"v{next(IDS)}")["profile_id"])

    def in_the_sandbox(self) -> str:
        """Somebody of the shop's other namespace."""
        told = self.told("RecordVisit", {"cookie": "s"}, by=self.sandbox_key, visit_id="s")
        return str(told["profile_id"])

    def erased(self, known: str) -> None:
        """Their key is destroyed, and no host remembers it."""
        emptied = "UPDATE subject_keys SET wrapped = '' WHERE profile_id = %s RETURNING 1"
        assert self.world.rows(emptied, known)
        self.world.host.work.residents.drop([UUID(known)])

    def on_plan(self, plan: str) -> None:
        assert self.world.rows("UPDATE shops SET plan = %s RETURNING 1", plan)

    def everything(self) -> list[Any]:
        """All that a merge or its reversal may change."""
        return [row for query in CHANGEABLE for row in self.world.rows(query)]

    def profile(self, known: str) -> dict[str, Any]:
        return dict(ok(self.get(f"/v1/profiles/{known}")))

    def orders(self, known: str) -> int:
        return int(self.profile(known)["commerce"]["order_count"])

    def merged(self, survivor: str, absorbed: str, **more: object) -> str:
        asked = {"survivor": survivor, "absorbed": absorbed, **more}
        return str(ok(self.post("/v1/merges", asked))["id"])


def ok(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    return dict(answer.json())


@contextmanager
def opened(dsn: str) -> Iterator[Store]:
    """With a clock that can be put ahead."""
    held: list[Store] = []
    with asyncio.Runner() as loop:
        pool = loop.run(_opened(dsn))
        rules = Rules(ShopLog(pool, KEYRING))
        loop.run(rules.catch_up())
        identities = Identities(PostgresOwners(pool), KEYRING, uuid7, rules.bounds)
        host = InlineHost(dsn, KEYRING)
        ports = Ports(
            gateway=Gateway([host], identities),
            histories=Histories(pool, KEYRING),
            identities=identities,
            pool=pool,
            keyring=KEYRING,
            rules=rules,
            admin_token=ADMIN_TOKEN,
            now=lambda: held[0].now(),
        )
        shop = loop.run(_created(dsn))
        held.append(Store(World(loop, create_app(ports), dsn, shop, host), ports))
        yield held[0]
        loop.run(pool.close())
        host.log.close()


async def _opened(dsn: str) -> AsyncConnectionPool[AsyncConnection[Any]]:
    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        dsn, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
    )
    await pool.open()
    return pool


async def _created(dsn: str) -> Created:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        return await create_shop(connection, KEYRING, NewShop(domain=SHOP))

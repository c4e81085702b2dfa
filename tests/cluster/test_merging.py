"""Many clients unite, part and buy at once, through two API processes, and a host dies."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import httpx
import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.keys import read_keyring
from api.serve import Server
from config.settings import Settings
from tests.cluster.conftest import until_ready, worlds
from tests.cluster.delivering import Shop
from tests.cluster.log_checks import assert_whole
from tests.cluster.test_kills import _every, _hosts, _kill
from tests.faults.index import as_the_log_says
from tests.faults.ledger import Ledger
from tests.places import NO_TLS

pytestmark = pytest.mark.cluster
CLIENTS, TURNS = 16, 25
PATIENCE_S = 15.0
AT_MOST_S = 120.0  # for all that everybody has to say
PAUSE_S = 0.1
LIVE = (
    "SELECT namespace_id FROM namespaces JOIN shops USING (shop_id)"
    " WHERE domain = %s AND environment = 'live'"
)
POOL = [
    *({"shopify_customer_id": str(900 + n)} for n in range(3)),
    *({"email": f"m{n}@mail.example"} for n in range(5)),
    *({"phone": f"+49151999{n}0000"} for n in range(3)),
    *({"cookie": f"m{n}"} for n in range(4)),
]


class Client:
    """One of many; what it was answered, by status and code."""

    def __init__(self, number: int, shop: Shop, urls: list[str]) -> None:
        self.dice = Random(number)  # noqa: S311  # it must be repeatable
        self.number = number
        self.headers = {"Authorization": f"Bearer {shop.api_key}"}
        self.urls = urls
        self.answers: Counter[str] = Counter()
        self.orders: set[str] = set()
        self.profiles: list[str] = []
        self.merges: list[str] = []
        self.reversals = 0

    async def work(self) -> None:
        async with httpx.AsyncClient(
            timeout=PATIENCE_S, headers=self.headers, verify=NO_TLS
        ) as client:
            for turn in range(TURNS):
                does = self.dice.choice((self._buys, self._buys, self._unites, self._parts))
                await does(client, turn)
                await asyncio.sleep(self.dice.uniform(0, 2 * PAUSE_S))

    async def _buys(self, client: httpx.AsyncClient, turn: int) -> None:
        number = f"m-{self.number}-{turn}"
        known: dict[str, str] = {}
        for one in self.dice.sample(POOL, self.dice.choice((1, 2, 3))):
            known |= one
        body = {
            "type": "RecordOrder",
            "id": number,
            "profile": known,
            "order_id": number,
            "placed_at": "2026-11-20T10:00:00Z",
            "total": {"amount": "10.00", "currency": "EUR"},
        }
        answer = await self._told(client, "/v1/commands", body)
        if answer.status_code == 200:
            self.orders.add(number)
            self.profiles.append(answer.json()["profile_id"])

    async def _unites(self, client: httpx.AsyncClient, turn: int) -> None:
        if len(set(self.profiles)) < 2:
            return
        one, other = self.dice.sample(sorted(set(self.profiles)), 2)
        body = {"survivor": one, "absorbed": other, "id": f"u-{self.number}-{turn}"}
        answer = await self._told(client, "/v1/merges", body)
        if answer.status_code == 200:
            self.merges.append(answer.json()["id"])

    async def _parts(self, client: httpx.AsyncClient, turn: int) -> None:
        if self.merges:
            merge = self.dice.choice(self.merges)
            body = {"reason": "chance", "id": f"p-{self.number}-{turn}"}
            answer = await self._told(client, f"/v1/merges/{merge}/reversal", body)
            self.reversals += answer.status_code == 200

    async def _told(self, client: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
        """Again while nobody can say; what a connection broke off is asked again, too."""
        while True:
            try:
                answer = await client.post(self.dice.choice(self.urls) + path, json=body)
            except httpx.ReadTimeout:
                raise
            except httpx.TransportError:
                self.answers["broken"] += 1
                await asyncio.sleep(PAUSE_S)
                continue
            said = "" if answer.status_code == 200 else f" {answer.json()['code']}"
            self.answers[f"{answer.status_code}{said}"] += 1
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(PAUSE_S)


class Stored:
    """As the checks of the fault scenarios want it."""

    def __init__(self, settings: Settings) -> None:
        self.dsn = str(settings.database_url)
        self.keyring = read_keyring(settings.master_key_file)

    @contextmanager
    def connected(self) -> Iterator[Connection[TupleRow]]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            yield connection

    def namespace(self, domain: str) -> int:
        with self.connected() as connection:
            (number,) = connection.execute(LIVE, (domain,)).fetchall()[0]
        return int(number)


def test_whatever_happens_at_once_everybody_is_somebody_once(
    server: Server, second_api: str
) -> None:
    shop, _ = worlds(server, "merging.myshopify.com")
    clients = [Client(number, shop, [server.url, second_api]) for number in range(CLIENTS)]
    with _every(1.0, 2, lambda round_: _kill(_hosts(shop.url)[round_ % 2])) as rounds:
        asyncio.run(_together(clients))
    assert rounds, "it was over before anything died"
    until_ready(shop.url)
    _agrees(clients)
    assert_whole(str(server.settings.database_url))
    stored = Stored(server.settings)
    namespace = stored.namespace(shop.domain)
    assert set(as_the_log_says(stored, namespace).values()) == {0}
    orders = set().union(*(client.orders for client in clients))
    assert _placed_once(stored, namespace, orders) == orders


async def _together(clients: list[Client]) -> None:
    async with asyncio.timeout(AT_MOST_S):
        await asyncio.gather(*(client.work() for client in clients))


def _agrees(clients: list[Client]) -> None:
    """Of everything something was taken, and nothing failed for a mistake of ours."""
    answers = sum((client.answers for client in clients), Counter[str]())
    mistakes = {said for said in answers if said.startswith("5") or said.endswith("internal")}
    assert mistakes <= {"503 unavailable", "503 busy"}, answers
    assert any(client.orders for client in clients)
    assert any(client.merges for client in clients)
    assert any(client.reversals for client in clients)


def _placed_once(stored: Stored, namespace: int, orders: set[str]) -> set[str]:
    """The orders that exactly one profile has which stands for itself."""
    counted: Counter[str] = Counter()
    with stored.connected() as connection:
        for stream in Ledger(connection, stored.keyring, namespace).streams():
            if not stream.is_absorbed:
                counted.update(stream.folded().orders.by_id.keys() & orders)
    return {order for order, count in counted.items() if count == 1}

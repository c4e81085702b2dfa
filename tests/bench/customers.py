"""The list of customers of a large shop: every order, first and deep pages, searches, filters.

Over HTTP without a socket: the key is checked, the page is read and written as JSON.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from itertools import cycle, islice, pairwise
from statistics import quantiles
from typing import LiteralString, get_args
from urllib.parse import urlencode

import httpx
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.keys import Keyring, read_keyring
from api.app import create_app
from api.customers.asked import Sort
from api.shops.registry import namespace_of
from api.verbs.common import with_database
from config.database import running_database
from projections.models import read_models
from projections.runner import Runner
from tests.bench import townsfolk
from tests.bench.place import SHOP, Bench, create, settings_in
from tests.bench.report import Row
from tests.bench.without_hosts import ports_without_hosts
from tests.measured import Limit

PART = "customers"
MANY, FEW = 1_000_000, 50_000
REQUESTS, WARM_UP = 60, 6  # of one kind
DEEP = 20  # pages of the most customers are gone through before a deep page is asked for
PROMISED = (Limit("p95 ms", at_most=100),)
Query = Mapping[str, object]
SOME: LiteralString = (
    "SELECT word FROM rm_customers.spellings WHERE holders BETWEEN 5 AND 60 AND length(word) > 6"
    " ORDER BY md5(word) LIMIT 20"
)
FREQUENT: LiteralString = "SELECT word FROM rm_customers.spellings ORDER BY holders DESC LIMIT 10"
CITIES: LiteralString = (
    "SELECT city FROM rm_customers.customers TABLESAMPLE SYSTEM (1) WHERE city IS NOT NULL LIMIT 20"
)


def measure(bench: Bench) -> Iterator[Row]:
    settings = settings_in(bench.folder / PART)
    settings.data_dir.mkdir(mode=0o711)
    with running_database(settings) as dsn:
        key = create(settings).live.api_key
        number = with_database(
            settings, lambda connection, _: namespace_of(connection, SHOP, "live")
        )
        keyring = read_keyring(settings.master_key_file)
        with psycopg.connect(dsn, autocommit=True) as connection:
            _settled(bench, connection, dsn, keyring, number)
            asked = {**_lists(), **_searches(connection), **_filters(connection)}
        yield from asyncio.run(_asked(dsn, keyring, key, asked))


def _settled(
    bench: Bench, connection: Connection[TupleRow], dsn: str, keyring: Keyring, namespace: int
) -> None:
    runner = Runner(dsn, keyring, read_models(keyring))
    runner.step()
    runner.close()
    count = bench.fewer(MANY, FEW)
    bench.said(f"making up {count:,} customers")
    townsfolk.settle(connection, namespace, count, lambda done: bench.said(f"{done:,}"))


def _lists() -> dict[str, list[Query]]:
    sorts: tuple[str, ...] = get_args(Sort)
    return {f"sorted by {sort}": [{"sort": sort}] for sort in sorts}


def _searches(connection: Connection[TupleRow]) -> dict[str, list[Query]]:
    some, frequent = _column(connection, SOME), _column(connection, FREQUENT)
    searches: dict[str, list[str]] = {
        "a name": some,
        "three letters of a name": [word[:3] for word in some],
        "one letter": sorted({word[0] for word in some}),
        "a name with a wrong letter": [f"{w[:4]}x{w[5:]}" for w in some],
        "a name with a letter left out": [f"{w[:4]}{w[5:]}" for w in some],
        "a first name and a city": [f"{a} {b}" for a, b in pairwise(frequent)],
        "a city": _column(connection, CITIES),
        "nobody": ["xqzzyw", "qqqqqq", "yvyvyv", "0000"],
        "very frequent words": ["example", "de", "mail0", *frequent],
        "the beginning of a number": ["+49151", "0151 00", "15100"],
    }
    found: dict[str, list[Query]] = {
        f"sought: {what}": [{"q": q} for q in asked] for what, asked in searches.items()
    }
    by_name: list[Query] = [{"q": word, "sort": "name"} for word in frequent]
    return {**found, "sought: very frequent names, sorted by name": by_name}


def _filters(connection: Connection[TupleRow]) -> dict[str, list[Query]]:
    segments = _column(connection, "SELECT segment_id::text FROM segments ORDER BY name")
    stages = ("new", "engaged", "converted", "loyal", "at_risk", "churned")
    found: dict[str, list[Query]] = {
        "of a stage": [{"stage": stage} for stage in stages],
        "of a stage, in other orders": [
            {"stage": stage, "sort": sort}
            for stage in stages
            for sort in ("created_at", "-created_at", "name", "-order_count", "last_activity_at")
        ],
        "of a segment": [{"segment": segment} for segment in segments],
        "of a source": [{"source": "shopify"}, {"source": "crm"}],
        "sought in a stage": [{"q": "ma", "stage": stage} for stage in stages],
    }
    return found


def _column(connection: Connection[TupleRow], query: LiteralString) -> list[str]:
    return [str(value) for (value,) in connection.execute(query).fetchall()]


async def _asked(
    dsn: str, keyring: Keyring, key: str, asked: Mapping[str, list[Query]]
) -> list[Row]:
    ports = ports_without_hosts(dsn, keyring)
    await ports.pool.open()
    await ports.rules.look()
    transport, bearer = httpx.ASGITransport(create_app(ports)), {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://api", headers=bearer
    ) as client:
        rows = [await _row(client, what, queries) for what, queries in asked.items()]
    await ports.pool.close()
    return rows


async def _row(client: httpx.AsyncClient, what: str, queries: list[Query]) -> Row:
    """A list that is not narrowed is asked for deep pages as well."""
    if what.startswith("sorted"):
        queries = [queries[0], await _deep(client, queries[0])]
    took = [await _ms(client, query) for query in islice(cycle(queries), WARM_UP + REQUESTS)]
    cuts = quantiles(took[WARM_UP:], n=100, method="inclusive")
    figures = {"p50 ms": cuts[49], "p95 ms": cuts[94], "max ms": max(took[WARM_UP:])}
    return Row(PART, what, figures, PROMISED)


async def _deep(client: httpx.AsyncClient, query: Query) -> Query:
    at = dict(query)
    for _ in range(DEEP):
        page = (await client.get(f"/v1/profiles?{urlencode({**at, 'limit': 200})}")).json()
        at["cursor"] = page["next_cursor"]
    return at


async def _ms(client: httpx.AsyncClient, query: Query) -> float:
    started = time.perf_counter()
    response = await client.get(f"/v1/profiles?{urlencode(query)}")
    elapsed = time.perf_counter() - started
    assert response.status_code == 200, (response.status_code, response.text[:200])
    return elapsed * 1_000

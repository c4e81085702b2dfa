"""A crowd of customers in one database, for all rules."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from config.embedded import EmbeddedPostgres
from projections.segments.facts import Facts
from tests.projections.store import Store
from tests.segments.crowd import Shopper, crowd, facts_by_hand, stored
from tests.segments.shop import Shop, opened

SIZE, SEED = 60, 20261121


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = Store(database)
    yield opened
    opened.log.close()


@pytest.fixture
def shop(store: Store) -> Iterator[Shop]:
    with opened(store) as shop:
        yield shop


@pytest.fixture(scope="session")
def shoppers() -> list[Shopper]:
    return crowd(SIZE, SEED)


@pytest.fixture(scope="session")
def facts(shoppers: list[Shopper]) -> dict[UUID, Facts]:
    return {one.profile_id: facts_by_hand(one) for one in shoppers}


@pytest.fixture(scope="session")
def crowded(postgres: EmbeddedPostgres, shoppers: list[Shopper]) -> Iterator[Connection[TupleRow]]:
    superuser = postgres.dsn.replace("//customer360@/customer360", "//postgres@/postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("CREATE DATABASE crowded TEMPLATE customer360 OWNER customer360")
    dsn = postgres.dsn.replace("@/customer360", "@/crowded")
    stored(dsn, shoppers)
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection

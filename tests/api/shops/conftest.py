"""A shop of its own for each test that settles something, so that no other test is affected."""

import asyncio

import pytest
from psycopg_pool import AsyncConnectionPool
from starlette.types import ASGIApp

from aggregates.log.keys import Keyring
from tests.api.shops.settling import Owner


@pytest.fixture
def owner(loop: asyncio.Runner, app: ASGIApp, pool: AsyncConnectionPool, keyring: Keyring) -> Owner:
    return Owner(loop, app, pool, keyring)

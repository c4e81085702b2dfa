"""Shops are made whole: two worlds, their keys, their secrets sealed."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from aggregates.log.keys import Keyring
from api.shops.directory import Directory
from api.shops.names import BadShop, checked_domain
from api.shops.registry import Created, NewShop, create_shop, list_shops
from api.shops.secrets import rotate_secret

T = TypeVar("T")


@pytest.fixture
def database(loop: asyncio.Runner, pool: AsyncConnectionPool) -> Callable[..., Any]:
    def run(act: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async def acted() -> T:
            async with pool.connection() as connection:
                return await act(connection)

        return loop.run(acted())

    return run


def test_a_shop_has_two_worlds_with_keys_of_their_own(
    database: Callable[..., Any], keyring: Keyring
) -> None:
    new = NewShop(domain="https://Two-Worlds.example/", webhook_secret="s", currency="eur")  # noqa: S106
    made: Created = database(lambda c: create_shop(c, keyring, new))
    assert made.shop == "two-worlds.example"
    assert re.fullmatch(r"c360_live_[A-Za-z0-9_-]{43}", made.live.api_key)
    assert re.fullmatch(r"c360_sandbox_[A-Za-z0-9_-]{43}", made.sandbox.api_key)
    assert made.live.pixel_key != made.sandbox.pixel_key
    listed = {shop.shop: shop.currency for shop in database(list_shops)}
    assert listed["two-worlds.example"] == "EUR"


def test_a_shop_is_made_once(database: Callable[..., Any], keyring: Keyring) -> None:
    new = NewShop(domain="once.example", webhook_secret="s")  # noqa: S106
    database(lambda c: create_shop(c, keyring, new))
    with pytest.raises(BadShop, match="exists already"):
        database(lambda c: create_shop(c, keyring, new))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"domain": "no domain"}, "such as quiet-store"),
        ({"domain": "a" * 300 + ".example"}, "such as quiet-store"),
        ({"timezone": "Europe/Nowhere"}, "IANA"),
        ({"timezone": "../etc/passwd"}, "IANA"),
        ({"currency": "EURO"}, "ISO 4217"),
        ({"plan": "gold"}, "one of free"),
        ({"webhook_secret": " "}, "empty"),
    ],
)
def test_a_shop_is_checked(
    database: Callable[..., Any], keyring: Keyring, change: dict[str, Any], complaint: str
) -> None:
    new = NewShop(**{"domain": "checked.example", "webhook_secret": "s"} | change)
    with pytest.raises(BadShop, match=complaint):
        database(lambda c: create_shop(c, keyring, new))
    assert "checked.example" not in {shop.shop for shop in database(list_shops)}


def test_the_secret_before_stays_valid_through_a_rotation(
    database: Callable[..., Any],
    keyring: Keyring,
    loop: asyncio.Runner,
    pool: AsyncConnectionPool,
) -> None:
    new = NewShop(domain="rotated.example", webhook_secret="first")  # noqa: S106
    database(lambda c: create_shop(c, keyring, new))
    for secret in ("second", "third", "third"):
        database(lambda c, s=secret: rotate_secret(c, keyring, "rotated.example", "live", s))
    live, sandbox = loop.run(Directory(pool, keyring).doors("rotated.example")) or ()
    assert live.secrets == ("third", "second")
    assert sandbox.secrets == ()


def test_secrets_are_stored_sealed(database: Callable[..., Any], keyring: Keyring) -> None:
    new = NewShop(domain="sealed.example", webhook_secret="open sesame")  # noqa: S106
    database(lambda c: create_shop(c, keyring, new))

    async def stored(connection: AsyncConnection) -> list[bytes]:
        rows = await connection.execute("SELECT webhook_secrets FROM namespaces")
        return [row[0] for row in await rows.fetchall()]

    assert all(b"open sesame" not in sealed for sealed in database(stored))


def test_a_secret_of_an_unknown_shop_cannot_be_rotated(
    database: Callable[..., Any], keyring: Keyring
) -> None:
    with pytest.raises(BadShop, match="there is no shop"):
        database(lambda c: rotate_secret(c, keyring, "unknown.example", "live", "s"))


def test_a_domain_is_lower_case() -> None:
    assert checked_domain(" Quiet-Store.MyShopify.com ") == "quiet-store.myshopify.com"

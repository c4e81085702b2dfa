"""People are found by whatever one remembers of them, and every list ends."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncConnection

from aggregates.profile.decisions.contact import SetAddress, SetContact
from aggregates.profile.events.contact import Address
from projections import customer_list
from projections.customer_list import ORDERS, Customer, Wanted, page
from projections.customer_search import searching
from projections.customers import Customers
from tests.actors.shopping import SHOP, order
from tests.projections.store import Store, catch_up, running

T = TypeVar("T")
PEOPLE = (
    ("Jörg", "Weiß", "Optik Weiß", "Köln", "DE", 3),
    ("Katharina", "Wendland", None, "Potsdam", "DE", 0),
    ("Marie", "Dubois", None, "Lyon", "FR", 1),
    ("Mariella", "O'Brien", "Dubois & Fils", "Cork", "IE", 2),
    (None, None, None, None, None, 1),
)


@pytest.fixture
def town(store: Store) -> Store:
    for number, (first, last, company, city, country, orders) in enumerate(PEOPLE):
        whom = UUID(int=number + 1)
        store.tell(whom, SetContact(first_name=first, last_name=last, company=company, locale="de"))
        if city:
            home = Address(city=city, country=country)
            store.tell(whom, SetAddress(kind="shipping", address=home))
        for each in range(orders):
            store.tell(whom, order(f"{number}-{each}", f"{10 + number}.00"))
    with running(store, Customers()) as runner:
        catch_up(runner)
    return store


def ask(store: Store, asking: Callable[[AsyncConnection[Any]], Coroutine[Any, Any, T]]) -> T:
    async def asked() -> T:
        async with await psycopg.AsyncConnection.connect(store.dsn) as connection:
            return await asking(connection)

    return asyncio.run(asked())


def found(store: Store, text: str) -> list[int]:
    async def search(connection: AsyncConnection[Any]) -> list[Customer]:
        condition = await searching(connection, SHOP, text)
        return await page(connection, Wanted(SHOP, "name", False, [condition]))

    return [one.profile_id.int for one in ask(store, search)]


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("weiss", [1]),
        ("WEIß jö", [1]),
        ("optik", [1]),
        ("koln", [1]),
        ("de", [1, 2]),
        ("mari", [3, 4]),
        ("dubois", [3, 4]),
        ("dubois cork", [4]),
        ("o'brien", [4]),
        ("0005@mail.example", [5]),
        ("katarina", [2]),
        ("Wendlant", [2]),
        ("katarina wendlant potsdan", [2]),
        ("katarina wendlant potsdan katarinn", []),
        ("zzzz", []),
        ("'; --", []),
    ],
)
def test_a_search_finds(town: Store, text: str, whom: list[int]) -> None:
    assert sorted(found(town, text)) == whom


@pytest.mark.parametrize("order_by", ORDERS)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_everybody_once_and_in_order(
    town: Store, order_by: str, descending: bool
) -> None:
    async def pages(connection: AsyncConnection[Any]) -> list[Customer]:
        wanted = Wanted(SHOP, order_by, descending, limit=2)
        listed: list[Customer] = []
        while len(rows := await page(connection, wanted)) > wanted.limit:
            listed += rows[:2]
            wanted = wanted._replace(after=(listed[-1].sort_key, listed[-1].profile_id))
        return listed + rows

    listed = ask(town, pages)
    assert sorted(one.profile_id.int for one in listed) == [1, 2, 3, 4, 5]
    keys = [one.sort_key for one in listed]
    known = [key for key in keys if key is not None]
    assert known == sorted(known, reverse=descending)
    assert keys[len(known) :] == [None] * (len(keys) - len(known))


@pytest.mark.parametrize(("ahead", "many"), [(40, 150_000), (0, 150_000), (0, 0)])
def test_a_page_is_the_same_however_it_is_come_by(
    town: Store, ahead: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_list, "AHEAD", ahead)
    monkeypatch.setattr(customer_list, "MANY", many)
    assert found(town, "mari") == [3, 4]
    assert found(town, "mail") == [5, 1, 2, 3, 4]


def test_another_shop_sees_nobody(town: Store) -> None:
    assert ask(town, lambda connection: page(connection, Wanted(SHOP + 1))) == []

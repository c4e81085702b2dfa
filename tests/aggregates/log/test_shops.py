"""What shops decided, in Postgres: in order for whoever follows, by shop for whoever looks back."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from aggregates.log import shops
from aggregates.log.keys import Unreadable
from aggregates.log.port import StreamMoved
from aggregates.log.shops import ShopLog, ShopRecord
from aggregates.shop.settings import Change, SettingsChanged
from tests.actors.shopping import KEYRING, OTHER_SHOP, SHOP
from tests.aggregates.log import golden
from tests.given import NOON

T = TypeVar("T")
GOLDEN = golden.FOLDER / "shop" / "settings_changed.json"  # never change it
Act = Callable[[ShopLog], Awaitable[T]]


@pytest.fixture
def stored(shared_database: str) -> Callable[[Act[Any]], Any]:
    """Runs something over a log that is empty."""
    with psycopg.connect(shared_database, autocommit=True) as connection:
        connection.execute("DELETE FROM shop_events")

    def run(act: Act[T]) -> T:
        async def acted() -> T:
            pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
                shared_database, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
            )
            async with pool:
                return await act(ShopLog(pool, KEYRING))

        return asyncio.run(acted())

    return run


def record(version: int, namespace: int = SHOP, *more: Change, **event: Any) -> ShopRecord:
    changes = (*more, Change("identity.limits.email", version, version + 1))
    return ShopRecord(
        namespace=namespace,
        version=version,
        event=SettingsChanged(changes, **event),
        recorded_at=NOON,
        by="key:c360_live_x",
    )


BLOCKED = Change("identity.blocked", (), ("till@shop.example",))


def test_who_follows_sees_everything_once_and_in_order(stored: Callable[..., Any]) -> None:
    async def act(log: ShopLog) -> None:
        assert await log.after(0) == []
        for one in (record(1), record(1, OTHER_SHOP), record(2)):
            await log.append(one)
        told = await log.after(0)
        assert [(r.position, r.namespace, r.version) for r in told] == [
            (1, SHOP, 1),
            (2, OTHER_SHOP, 1),
            (3, SHOP, 2),
        ]
        assert await log.after(1) == told[1:]

    stored(act)


def test_an_event_comes_back_as_it_went(stored: Callable[..., Any]) -> None:
    sent = record(1, SHOP, BLOCKED, reason="it is ours")

    async def act(log: ShopLog) -> None:
        await log.append(sent)
        (told,) = await log.after(0)
        assert told == msgspec.structs.replace(sent, position=1)

    stored(act)


def test_what_was_once_stored_is_read_for_ever(
    stored: Callable[..., Any], shared_database: str
) -> None:
    kept = json.loads(GOLDEN.read_text())
    row = (kept["namespace"], kept["version"], kept["topic"], kept["state"].encode())
    with psycopg.connect(shared_database, autocommit=True) as connection:
        connection.execute("INSERT INTO shop_events VALUES (1, %s, %s, %s, %s, now(), 'x')", row)
    (told,) = stored(lambda log: log.after(0))
    assert told.event == msgspec.convert(kept["reads"], SettingsChanged)


def test_auditors_read_the_figures_and_nobody_reads_the_names(
    stored: Callable[..., Any], shared_database: str
) -> None:
    stored(lambda log: log.append(record(1, SHOP, BLOCKED, reason="ask Ada King")))
    with psycopg.connect(shared_database) as connection:
        (row,) = connection.execute("SELECT topic, convert_from(state, 'UTF8') FROM shop_events")
    assert row[0] == "shop.settings_changed"
    assert '"field":"identity.limits.email","before":1,"after":2' in row[1]
    assert "till" not in row[1]
    assert "Ada" not in row[1]


def test_what_was_sealed_for_one_shop_does_not_open_for_another(
    stored: Callable[..., Any], shared_database: str
) -> None:
    stored(lambda log: log.append(record(1, SHOP, BLOCKED)))
    with psycopg.connect(shared_database, autocommit=True) as connection:
        connection.execute("UPDATE shop_events SET namespace_id = %s", (OTHER_SHOP,))
    with pytest.raises(Unreadable):
        stored(lambda log: log.after(0))


def test_a_version_is_written_once(stored: Callable[..., Any]) -> None:
    async def act(log: ShopLog) -> None:
        await log.append(record(1))
        with pytest.raises(StreamMoved):
            await log.append(record(1))
        assert len(await log.after(0)) == 1

    stored(act)


def test_many_writers_leave_no_hole_for_who_follows(stored: Callable[..., Any]) -> None:
    async def write(log: ShopLog, namespace: int) -> None:
        for version in range(1, 6):
            await log.append(record(version, namespace))

    async def follow(log: ShopLog, wanted: int) -> list[ShopRecord]:
        seen: list[ShopRecord] = []
        while len(seen) < wanted:
            seen += await log.after(seen[-1].position if seen else 0)
        return seen

    async def act(log: ShopLog) -> list[ShopRecord]:
        writers = asyncio.gather(*(write(log, namespace) for namespace in range(1, 5)))
        seen = await follow(log, 20)
        await writers
        return seen

    seen = stored(act)
    assert [r.position for r in seen] == list(range(1, 21))
    for namespace in range(1, 5):
        assert [r.version for r in seen if r.namespace == namespace] == [1, 2, 3, 4, 5]


def test_history_is_one_shops_and_newest_first(stored: Callable[..., Any]) -> None:
    async def act(log: ShopLog) -> None:
        for one in (record(1), record(1, OTHER_SHOP), record(2), record(3)):
            await log.append(one)
        assert [r.version for r in await log.history(SHOP, 10, 2)] == [3, 2]
        assert [r.version for r in await log.history(SHOP, 1, 2)] == [1]

    stored(act)


def test_large_changes_come_one_at_a_time(
    stored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shops, "BYTES_AT_MOST", 1)

    async def act(log: ShopLog) -> None:
        for version in (1, 2, 3):
            await log.append(record(version))
        assert [r.version for r in await log.after(0)] == [1]
        assert [r.version for r in await log.history(SHOP, 10, 10)] == [3]

    stored(act)

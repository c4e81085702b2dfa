"""Whoever keeps the read models hears of a shop's new windows within a second."""

import asyncio
from datetime import UTC, datetime

import psycopg

from aggregates.log.shops import ShopRecord, append
from aggregates.shop.lifecycle_rules import LifecycleRules
from aggregates.shop.settings import Change, SettingsChanged
from projections.windows import EVERY_S, Windows
from tests.actors.shopping import KEYRING, OTHER_SHOP, SHOP


def told(dsn: str, version: int, *changes: Change) -> None:
    async def written() -> None:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            now, event = datetime.now(UTC), SettingsChanged(changes)
            record = ShopRecord(
                namespace=SHOP, version=version, event=event, recorded_at=now, by="test"
            )
            await append(connection, KEYRING, record)

    asyncio.run(written())


def test_each_shop_has_its_own_as_they_were_last_set(database: str) -> None:
    now = 0.0
    windows = Windows(lambda: now)
    with psycopg.connect(database, autocommit=True) as connection:
        told(database, 1, Change("lifecycle.at_risk_days", 30, 7))
        windows.look(connection)
        told(database, 2, Change("lifecycle.churned_days", 90, 14))
        windows.look(connection)
        assert windows.of(SHOP) == LifecycleRules(7, 90)
        now = EVERY_S
        windows.look(connection)
    assert (windows.of(SHOP), windows.of(OTHER_SHOP)) == (LifecycleRules(7, 14), LifecycleRules())

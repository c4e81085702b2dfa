"""Everything that happened to a shopper, newest first, whoever stands for them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg

from aggregates.profile.decisions.visits import RecordVisit
from projections.timeline import Entry, Newest, Timeline, page
from tests.actors.shopping import ADA, BOB, order
from tests.given import NOON
from tests.projections.store import Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")


def shown(store: Store, *subjects: UUID, **more: Any) -> list[Entry]:
    """All pages."""

    async def pages() -> list[Entry]:
        async with await psycopg.AsyncConnection.connect(store.dsn) as connection:
            wanted = Newest(subjects, limit=3, **more)
            listed: list[Entry] = []
            while found := await page(connection, wanted):
                listed += found
                wanted = wanted._replace(after=found[-1])
            return listed

    return asyncio.run(pages())


def kinds(entries: list[Entry]) -> list[str]:
    return [entry.kind for entry in entries]


def fill(store: Store) -> None:
    for hour in range(5):
        store.tell(ADA, order(f"a{hour}"), at=NOON + timedelta(hours=hour))
    store.tell(ADA, RecordVisit(visit_id="late"), at=NOON - timedelta(hours=1))


def test_what_happened_last_is_first_whenever_it_came(store: Store) -> None:
    fill(store)
    with running(store, Timeline()) as runner:
        catch_up(runner)
    entries = shown(store, ADA)
    assert [e.occurred_at for e in entries] == sorted(
        (e.occurred_at for e in entries), reverse=True
    )
    assert kinds(entries).count("order") == 5
    assert kinds(entries)[-2:] == ["visit", "identity"]


def test_only_the_kinds_asked_for(store: Store) -> None:
    fill(store)
    with running(store, Timeline()) as runner:
        catch_up(runner)
    assert kinds(shown(store, ADA, kinds=["visit"])) == ["visit"]


def test_read_twice_nothing_is_in_it_twice(store: Store) -> None:
    fill(store)
    with running(store, Timeline()) as runner:
        catch_up(runner)
    before = shown(store, ADA)
    store.execute("DELETE FROM rm_timeline.tracking")
    with running(store, Timeline()) as again:
        assert catch_up(again) > 0
    assert shown(store, ADA) == before


def test_of_a_merged_customer_the_parts_are_read_together(store: Store) -> None:
    fill(store)
    store.tell(BOB, order("b"), at=NOON + timedelta(minutes=90))
    store.unite(ADA, BOB, MERGE)
    with running(store, Timeline()) as runner:
        catch_up(runner)
    orders = [e.stream for e in shown(store, ADA, BOB, kinds=["order"])]
    assert orders == [ADA, ADA, ADA, BOB, ADA, ADA]

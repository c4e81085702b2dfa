"""Operators see how far behind each read model is, and what it could not deal with."""

import asyncio

import psycopg

from projections.health import State, states
from tests.actors.shopping import ADA, BOB, order
from tests.projections.store import Seen, Store, catch_up, running


def told(store: Store) -> list[State]:
    async def asked() -> list[State]:
        async with await psycopg.AsyncConnection.connect(store.dsn) as connection:
            return await states(connection)

    return asyncio.run(asked())


def test_before_any_was_begun_there_are_none(store: Store) -> None:
    assert told(store) == []


def test_each_says_how_many_events_it_is_behind_and_who_is_parked(store: Store) -> None:
    store.tell(ADA, order("1"))
    with running(store, Seen(), Seen("other", poison=frozenset({ADA}))) as runner:
        catch_up(runner)
    events = store.tell(BOB, order("2")).events
    first, second = told(store)
    assert (first.name, first.behind, first.parked) == ("other", len(events), 1)
    assert (second.name, second.behind, second.parked) == ("seen", len(events), 0)
    assert first.seen_at is not None

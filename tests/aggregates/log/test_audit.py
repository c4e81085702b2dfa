"""Nobody changes the past unnoticed."""

from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log import audit
from aggregates.log.audit import Audit
from aggregates.log.postgres import PostgresLog
from aggregates.profile.events.contact import Given
from tests.aggregates.log.samples import OTHER_SHOPPER, SHOPPER, record
from tests.aggregates.log.worlds import written

FIRST, SECOND = 3, 200  # shards
LENGTH = 5


@pytest.fixture
def connection(emptied: str) -> Iterator[Connection[TupleRow]]:
    """Two shards of five events each."""
    with closing(PostgresLog(emptied)) as log:
        written(log, *_history(SHOPPER), shard=FIRST)
        written(log, *_history(OTHER_SHOPPER), shard=SECOND)
    with psycopg.connect(emptied, autocommit=True) as connection:
        yield connection


def test_an_untouched_log_holds(connection: Connection[TupleRow]) -> None:
    assert audit.verify(connection) == Audit(checked=2 * LENGTH)


def test_an_empty_log_holds(emptied: str) -> None:
    with psycopg.connect(emptied) as connection:
        assert audit.verify(connection) == Audit(checked=0)


def test_it_still_holds_after_a_subject_was_erased(connection: Connection[TupleRow]) -> None:
    connection.execute("UPDATE subject_keys SET wrapped = ''")
    assert audit.verify(connection) == Audit(checked=2 * LENGTH)


@pytest.mark.parametrize(
    "change",
    [
        "state = set_byte(state, 20, 255 - get_byte(state, 20))",
        "state = state || ' '",
        "topic = 'contact.taken'",
        "profile_id = '0198c000-0000-7000-8000-00000000000f'",
        "version = 77",
        "chain = set_byte(chain, 0, 255 - get_byte(chain, 0))",
    ],
)
def test_a_changed_event_is_found(connection: Connection[TupleRow], change: str) -> None:
    connection.execute(
        f"UPDATE events SET {change} WHERE shard = {SECOND} AND position = 3".encode()  # noqa: S608  # our own words
    )
    assert _broken(connection) == (LENGTH + 2, f"{SECOND}:3")


def test_a_deleted_event_is_found(connection: Connection[TupleRow]) -> None:
    connection.execute("DELETE FROM events WHERE shard = %s AND position = 2", (FIRST,))
    assert _broken(connection) == (1, f"{FIRST}:2")


def test_a_deleted_beginning_is_found(connection: Connection[TupleRow]) -> None:
    connection.execute("DELETE FROM events WHERE shard = %s AND position <= 2", (FIRST,))
    assert _broken(connection) == (0, f"{FIRST}:1")


def test_a_gap_that_was_closed_is_found(connection: Connection[TupleRow]) -> None:
    connection.execute("DELETE FROM events WHERE shard = %s AND position = 2", (FIRST,))
    for position in range(3, LENGTH + 1):
        _move(connection, position, position - 1)
    assert _broken(connection) == (1, f"{FIRST}:2")


def test_an_event_slipped_in_is_found(connection: Connection[TupleRow]) -> None:
    for position in range(LENGTH, 2, -1):
        _move(connection, position, position + 1)
    connection.execute(
        "INSERT INTO events SELECT shard, 3, namespace_id, profile_id, 99, topic, state, chain"
        " FROM events WHERE shard = %s AND position = 2",
        (FIRST,),
    )
    assert _broken(connection) == (2, f"{FIRST}:3")


def test_swapped_events_are_found(connection: Connection[TupleRow]) -> None:
    for before, after in ((2, 100), (3, 2), (100, 3)):
        _move(connection, before, after)
    assert _broken(connection) == (1, f"{FIRST}:2")


def test_it_says_how_far_it_is(
    connection: Connection[TupleRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 4)
    heard: list[int] = []
    audit.verify(connection, heard.append)
    assert heard == [4, 8]


def _history(profile: UUID) -> Iterator[object]:
    for version in range(1, LENGTH + 1):
        event = Given(first_name=f"Ada {version}")
        yield record(event, stream=profile, subject=profile, version=version)


def _move(connection: Connection[TupleRow], before: int, after: int) -> None:
    connection.execute(
        "UPDATE events SET position = %s WHERE shard = %s AND position = %s",
        (after, FIRST, before),
    )


def _broken(connection: Connection[TupleRow]) -> tuple[int, str]:
    """How many events held, and the first position that did not."""
    found = audit.verify(connection)
    assert found.broken is not None
    return found.checked, found.broken.position

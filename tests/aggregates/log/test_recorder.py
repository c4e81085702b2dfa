"""The library holds our recorder to its own contract, with one shard."""

from collections.abc import Sequence
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.tests import persistence as contract

from aggregates.log import tail
from aggregates.log.datastore import ShardDatastore
from aggregates.log.port import Unit
from aggregates.log.postgres import PostgresLog
from aggregates.log.recorder import ShardRecorder
from config.connections import HOST_LIMITS

WRITERS, BATCHES, BATCH = 4, 100, 50


class Contract:
    database: str
    datastores: list[ShardDatastore]

    @pytest.fixture(autouse=True)
    def _database(self, database: str) -> Any:
        self.database = database
        self.datastores = []
        yield
        for datastore in self.datastores:
            datastore.close()

    def create_recorder(self) -> ShardRecorder:
        self.datastores.append(ShardDatastore(self.database, connections=4))
        return ShardRecorder(self.datastores[-1])


class TestApplicationRecorder(Contract, contract.ApplicationRecorderTestCase[ShardRecorder]):
    pass


class TestPositionsCommitInOrder(Contract, contract.NonInterleavingNotificationIDsBaseCase):
    insert_num = 1000


def _events(count: int) -> list[StoredEvent]:
    return [StoredEvent(uuid4(), 1, "orders.placed", b"{}") for _ in range(count)]


def test_a_subscriber_gets_what_was_there_and_what_comes(database: str) -> None:
    datastore = ShardDatastore(database, connections=4)
    recorder = ShardRecorder(datastore)
    recorder.insert_events(_events(2))
    with recorder.subscribe(gt=1) as subscription:
        assert next(subscription).id == 2
        recorder.insert_events(_events(1))
        assert next(subscription).id == 3
    datastore.close()


def test_a_host_connects_with_its_limits_and_with_all_that_its_url_says(database: str) -> None:
    datastore = ShardDatastore(f"{database}&options=-c%20lock_timeout%3D7s")
    with datastore.get_connection() as connection:
        rows = connection.execute("SELECT name, current_setting(name) AS value FROM pg_settings")
        found = {row["name"]: row["value"] for row in rows}
    datastore.close()
    assert found["lock_timeout"] == "7s"
    assert found["statement_timeout"] == HOST_LIMITS["statement_timeout"]
    assert found["application_name"] == "c360-host"


def test_events_are_written_in_the_order_of_their_places(database: str) -> None:
    """Else two who write to each other's shards could wait for each other in a circle."""
    log = PostgresLog(database)
    shards = (7, 3, 7, 5, 3)
    events = zip(shards, _events(len(shards)), strict=True)
    log.append(Unit(log.place((shard, 1, event) for shard, event in events)))
    log.close()
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT shard, position FROM events ORDER BY ctid").fetchall()
    assert rows == [(3, 1), (3, 2), (5, 1), (7, 1), (7, 2)]


def test_a_second_owner_of_a_shard_is_refused_by_the_position(database: str) -> None:
    first, second = (ShardRecorder(ShardDatastore(database)) for _ in range(2))
    both = [recorder.place((7, 1, event) for event in _events(1)) for recorder in (first, second)]
    with first.datastore.transaction(commit=True) as cursor:
        first.write(cursor, both[0])
    with (
        pytest.raises(IntegrityError, match="events_shard_position"),
        second.datastore.transaction(commit=True) as cursor,
    ):
        second.write(cursor, both[1])
    first.datastore.close()
    second.datastore.close()


def test_a_tailing_reader_misses_nothing_of_four_writers(database: str) -> None:
    """Positions come from the writers' memory and the key refuses overlaps, so there is no gap a
    reader could run past. Fails when positions come from a database sequence instead."""
    writers = [Thread(target=_write, args=(database, n)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    seen: list[tuple[int, int]] = []
    cursors = tail.beginning()
    with psycopg.connect(database, autocommit=True) as connection:
        while any(w.is_alive() for w in writers) or tail.after(connection, cursors):
            page = tail.after(connection, cursors)
            seen += [(event.shard, event.position) for event in page]
            cursors = tail.advanced(cursors, page)
    total = WRITERS * BATCHES * BATCH
    assert len(seen) == len(set(seen)) == total
    assert sum(cursors.values()) == total  # positions 1…n in every shard


def _write(database: str, writer: int) -> None:
    datastore = ShardDatastore(database)
    recorder = ShardRecorder(datastore)
    for batch in range(BATCHES):
        # now and then in the next writer's shards, as a merge does
        owner = (writer + (batch % 10 == 0)) % WRITERS
        events = _events(BATCH)
        _retried(recorder, [(owner + WRITERS * (n % 8), 1, e) for n, e in enumerate(events)])
    datastore.close()


def _retried(recorder: ShardRecorder, events: Sequence[tuple[int, int, StoredEvent]]) -> None:
    while True:
        placed = recorder.place(events)
        try:
            with recorder.datastore.transaction(commit=True) as cursor:
                recorder.write(cursor, placed)
        except IntegrityError:
            recorder.forget_heads()
        else:
            recorder.taken(placed)
            return

"""The checks themselves: each sees what it is there to see in a log that was tampered with."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow

from actors.signals import Outcome
from aggregates.log import snapshots
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.postgres import PostgresLog
from aggregates.profile.profile import EMPTY
from tests.actors.shopping import ADA, BOB, KEYRING, OTHER_SHOP, SHOP, Host, named, order
from tests.faults.attempts import Attempt
from tests.faults.invariants import exactly_once, whole
from tests.faults.journal import Journal
from tests.faults.reading import apart, remembered
from tests.faults.sendings import Sending
from tests.faults.states import state_hash, state_hashes
from tests.given import NOON

AGAIN = """
    INSERT INTO events SELECT shard, position + 1, namespace_id, profile_id, version + 1, topic,
        state, chain FROM events WHERE topic = 'orders.placed'
"""


class Tampered:
    """The log of one test, as the checks see it and as vandals do."""

    def __init__(self, dsn: str, journal: Journal) -> None:
        self.tables = PostgresLog(dsn)
        self.host = Host(log=self.tables)
        self.journal = journal
        self._dsn = dsn

    @property
    def keyring(self) -> Keyring:
        return KEYRING

    def connected(self) -> AbstractContextManager[psycopg.Connection[TupleRow]]:
        return psycopg.connect(self._dsn, autocommit=True)

    def told(self, name: str, status: int = 200, result: str = "accepted") -> None:
        """The sender of `name`, an order, was answered so."""
        sending = Sending(
            id=name,
            kind="orders/create",
            namespace=SHOP,
            path="/",
            headers={},
            body=b"",
            profile_key="ada",
            leaves="orders.placed",
        )
        self.journal.tell(sending)
        self.journal.note(Attempt(name, 1, 0.0, 1.0, status, result=result))

    def execute(self, statement: str, *parameters: object) -> None:
        with self.connected() as connection:
            connection.execute(statement.encode(), parameters or None)

    def ordered(self, name: str) -> Outcome:
        return self.host.tell(ADA, order(name), id=name)

    def wrongs(self) -> dict[str, int]:
        """What is counted and not 0."""
        counts = exactly_once(self, self.journal) | whole(self)
        harmless = ("acknowledged", "unanswered", "events")
        return {name: n for name, n in counts.items() if n and name not in harmless}


@pytest.fixture
def log(database: str, tmp_path: Path) -> Iterator[Tampered]:
    with Journal(tmp_path / "attempts.jsonl") as journal:
        tampered = Tampered(database, journal)
        tampered.ordered("first")
        tampered.told("first")
        yield tampered
        tampered.tables.close()


def test_a_sound_log_has_nothing_wrong(log: Tampered) -> None:
    assert log.wrongs() == {}
    assert exactly_once(log, log.journal)["acknowledged"] == 1


def test_an_acknowledged_event_that_is_gone_is_lost(log: Tampered) -> None:
    log.execute("DELETE FROM events WHERE topic = 'orders.placed'")
    assert log.wrongs()["lost"] == 1


def test_an_acknowledged_id_that_was_never_written_is_lost(log: Tampered) -> None:
    log.told("second")
    assert log.wrongs() == {"lost": 1}


def test_an_outcome_that_is_not_remembered_is_lost(log: Tampered) -> None:
    log.execute("DELETE FROM commands")
    assert log.wrongs() == {"lost": 1}


def test_an_event_written_twice_is_doubled_and_breaks_the_chain(log: Tampered) -> None:
    log.execute(AGAIN)
    assert log.wrongs() == {"doubled": 1, "broken links": 1}


def test_a_repeat_that_was_decided_again_is_doubled(log: Tampered) -> None:
    """Its outcome is remembered once and tells of half of what was written."""
    log.execute("DELETE FROM commands")
    log.ordered("first")
    assert log.wrongs() == {"doubled": 1}


def test_events_of_a_refused_id_are_noticed(log: Tampered) -> None:
    log.ordered("second")
    log.told("second", status=409, result="")
    assert log.wrongs() == {"refused but written": 1}


def test_a_letter_that_was_kept_is_not_lost_as_long_as_it_is_there(log: Tampered) -> None:
    log.told("a letter", result="kept")
    assert log.wrongs() == {"lost": 1}
    log.execute("INSERT INTO shops (domain, plan) VALUES ('a', 'free')")
    log.execute(
        "INSERT INTO namespaces (shop_id, environment, pixel_key) VALUES (1, 'live', 'key')"
    )
    log.execute(
        "INSERT INTO dead_letters (letter_id, namespace_id, source, topic, reason, sealed)"
        " VALUES (%s, 1, 'shopify', 'x', 'awaiting_owner', '')",
        BOB,
    )
    assert log.wrongs() == {}


def test_a_hole_between_versions_is_seen(log: Tampered) -> None:
    log.execute("UPDATE events SET version = version + 1 WHERE version > 1")
    assert log.wrongs()["holes"] == 1


def test_a_snapshot_that_is_not_the_fold_is_wrong(log: Tampered) -> None:
    with log.connected() as connection:
        (wrapped,) = connection.execute("SELECT wrapped FROM subject_keys").fetchone() or (b"",)
    sealer = Sealer(KEYRING.namespace(SHOP).unwrap(ADA, wrapped))
    right = log.host.remembers(ADA)
    assert right is not None
    log.tables.save_snapshots([snapshots.taken(ADA, 2, right, sealer)])
    assert remembered(log, SHOP) == {"snapshots": 1, "wrong snapshots": 0}
    log.tables.save_snapshots([snapshots.taken(ADA, 3, EMPTY, sealer)])
    assert remembered(log, SHOP) == {"snapshots": 1, "wrong snapshots": 1}


@pytest.mark.parametrize("table", ["events", "identifiers"])
def test_what_is_stored_in_another_namespace_than_its_subject_is_a_stray(
    log: Tampered, table: str
) -> None:
    assert apart(log, [])["strays"] == 0
    log.execute(f"UPDATE {table} SET namespace_id = 2")  # noqa: S608 - our own names
    assert apart(log, [])["strays"] > 0


def test_a_hash_of_the_state_depends_neither_on_our_ids_nor_on_the_order_of_arrival(
    log: Tampered,
) -> None:
    later = NOON + timedelta(days=1)
    log.host.tell(ADA, order("second"), at=later)
    for name, at in (("second", later), ("first", NOON)):
        log.host.tell(BOB, order(name), at=at, namespace=OTHER_SHOP)
    assert state_hashes(log, OTHER_SHOP) == state_hashes(log, SHOP)
    log.host.tell(BOB, named("Ada"), namespace=OTHER_SHOP)
    assert state_hash(state_hashes(log, OTHER_SHOP)) != state_hash(state_hashes(log, SHOP))

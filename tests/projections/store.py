"""A shop's log in Postgres, written by one host, and a read model that is easy to see through."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from actors.signals import Outcome
from aggregates.log.following import Changes
from aggregates.log.postgres import PostgresLog
from aggregates.profile.decide import Command
from aggregates.profile.decisions import lineage
from aggregates.profile.decisions.lineage import MergeProfiles, ReverseMerge
from projections.readmodel import ReadModel
from projections.runner import Runner
from tests.actors.shopping import KEYRING, Host, known, signal, to

PUT = """
    INSERT INTO seen (profile_id, version, orders) VALUES (%s, %s, %s)
    ON CONFLICT (profile_id) DO UPDATE SET version = excluded.version, orders = excluded.orders
"""


class Seen(Struct):
    """How many orders each profile has; cannot deal with those who are `poison`."""

    name: str = "seen"
    tables: str = (
        "CREATE TABLE IF NOT EXISTS seen"
        " (profile_id uuid PRIMARY KEY, version bigint, orders integer)"
    )
    poison: frozenset[UUID] = frozenset()
    moved_by: frozenset[str] | None = None

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        for profile, held in changes.profiles.items():
            if profile in self.poison:
                raise ValueError("this cannot be dealt with")
            orders = len(held.profile.orders.by_id)
            connection.execute(PUT, (profile, held.version, orders))


class Store:
    """Signals go to the profiles that the test names."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.log = PostgresLog(dsn)
        self.host = Host(log=self.log)

    def tell(self, whom: UUID, *commands: Command, **more: Any) -> Outcome:
        (outcome,) = self.host.apply(to(whom, signal(*commands, by=_own(whom), **more)))
        assert outcome.refused is None, outcome
        return outcome

    def unite(self, survivor: UUID, absorbed: UUID, merge_id: UUID) -> None:
        command = MergeProfiles(merge_id, survivor, absorbed)
        self.ask(survivor, command)

    def part(self, survivor: UUID, merge_id: UUID) -> None:
        self.ask(survivor, ReverseMerge(merge_id, survivor))

    def runner(self, *models: ReadModel, **more: Any) -> Runner:
        return Runner(self.dsn, KEYRING, models, **more)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.dsn) as connection:
            connection.execute(statement.encode())

    def ask(self, whom: UUID, command: lineage.Command) -> None:
        sent = signal(command, by=(), profile=whom, creates=False)
        (outcome,) = self.host.apply(to(whom, sent))
        assert outcome.refused is None, outcome


def catch_up(runner: Runner) -> int:
    """To the end of the log; the number of events."""
    return sum(iter(runner.step, 0))


@contextmanager
def running(store: Store, *models: ReadModel) -> Iterator[Runner]:
    runner = store.runner(*models)
    try:
        yield runner
    finally:
        runner.close()


def _own(whom: UUID) -> Any:
    return known(email=f"{whom.hex[-4:]}@mail.example")

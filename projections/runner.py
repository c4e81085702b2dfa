"""Reads the log and brings read models up to date: tables and progress in one transaction.

An event that a read model cannot deal with is parked for that read model alone.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from aggregates.log import tail
from aggregates.log.following import Changes, Following
from aggregates.log.keys import Keyring
from aggregates.log.port import SHARDS, LogUnreachable
from aggregates.log.postgres import PostgresLog
from aggregates.log.tail import Tailed
from aggregates.log.tracking import Overtaken, Progress
from config.connections import HOST_LIMITS, HostConnection, limited, limiting
from config.edges import Outage
from config.failures import failure
from config.logs import logger
from projections.parked import PARKED, free, park
from projections.readmodel import ReadModel, schema_of

PAGE = 5_000  # events at once, as far as they are spread over shards
FEWEST = 20  # of one shard
IDLE_S = 0.2  # between two looks while nothing happens
AGAIN_S = 1.0  # after an outage
OUTAGES = (LogUnreachable, psycopg.OperationalError, psycopg.InterfaceError)
log = logger()


MADE = """
CREATE TABLE IF NOT EXISTS made (id uuid PRIMARY KEY, seen_at timestamptz NOT NULL DEFAULT now());
INSERT INTO made SELECT gen_random_uuid() WHERE NOT EXISTS (SELECT FROM made)
"""
SEEN = SQL("UPDATE {} SET seen_at = now() WHERE seen_at < now() - interval '1 s'")


class Renewed(Exception):
    """The tables of a read model were made anew and put in the place of the old ones."""


class Upkeep(NamedTuple):
    """A read model, how far it has come, and which making of its tables that is true of."""

    model: ReadModel
    progress: Progress
    cursors: dict[int, int]
    schema: str
    made: UUID


class Runner:
    """Of some shards, for some read models. Used by one thread."""

    def __init__(
        self,
        dsn: str,
        keyring: Keyring,
        models: Sequence[ReadModel],
        shards: Iterable[int] = range(SHARDS),
        suffix: str = "",
    ) -> None:
        """`suffix` is that of the schemas' names."""
        self._dsn = limited(dsn, "c360-projections")
        self._models = models
        self._shards = list(shards)
        self._log = PostgresLog(dsn)
        self._following = Following(self._log, keyring)
        self._suffix = suffix
        self._connection: Connection[TupleRow] | None = None
        self._upkeep: list[Upkeep] = []
        self._each = FEWEST

    def run(self, stopped: threading.Event) -> None:
        """Until told to stop. Outlives every outage of the database."""
        outage = Outage("projections_fail", "projections_succeed")
        while not stopped.is_set():
            try:
                events = self.step()
            except Renewed:
                self.begin_again()
            except (*OUTAGES, Overtaken) as error:
                outage.failed(**failure(error))
                self.begin_again()
                stopped.wait(AGAIN_S)
            else:
                outage.over()
                if not events:
                    stopped.wait(IDLE_S)

    def step(self) -> int:
        """One page for every read model that is not at the end; the number of events.

        Raises Overtaken, Renewed, or one of OUTAGES: then `begin_again`.
        """
        connection = self._open()
        page = tail.after(connection, self._behind(), self._each)
        self._each = _pace(page, self._each)
        if page:
            self._absorbed(connection, page)
        for one in self._upkeep:
            connection.execute(SEEN.format(Identifier(one.schema, "made")))
        return len(page)

    def close(self) -> None:
        """For good."""
        self.begin_again()
        self._log.close()

    def begin_again(self) -> None:
        """At the next step, from where the tables say they are."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._upkeep = None, []

    def _open(self) -> Connection[TupleRow]:
        if self._connection is None or self._connection.closed:
            self._connection = HostConnection.connect(self._dsn, autocommit=True)
            self._connection.execute(*limiting({**HOST_LIMITS, "lock_timeout": "5s"}))
            self._upkeep = [self._opened(self._connection, model) for model in self._models]
        return self._connection

    def _opened(self, connection: Connection[TupleRow], model: ReadModel) -> Upkeep:
        schema = schema_of(model.name) + self._suffix
        progress = Progress(schema)
        with connection.transaction():
            connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema)))
            _enter(connection, schema)
            connection.execute(model.tables.encode())
            connection.execute(PARKED)
            connection.execute(MADE)
            progress.create(connection)
        cursors = progress.read(connection, self._shards)
        return Upkeep(model, progress, cursors, schema, _made(connection, schema))

    def _behind(self) -> Mapping[int, int]:
        """Where the read model stands that has come least far."""
        return {shard: min(one.cursors[shard] for one in self._upkeep) for shard in self._shards}

    def _absorbed(self, connection: Connection[TupleRow], page: Sequence[Tailed]) -> None:
        changes = self._following.follow(page)
        reached = tail.advanced({}, list(page))
        with connection.transaction():
            advances = [
                self._advance(connection, one, changes, page, reached) for one in self._upkeep
            ]
        for upkeep, advance in zip(self._upkeep, advances, strict=True):
            upkeep.cursors.update(advance)

    def _advance(
        self,
        connection: Connection[TupleRow],
        upkeep: Upkeep,
        changes: Changes,
        page: Sequence[Tailed],
        reached: Mapping[int, int],
    ) -> dict[int, int]:
        ahead = {s: last for s, last in reached.items() if last > upkeep.cursors[s]}
        if not ahead:
            return {}
        _enter(connection, upkeep.schema)
        if _made(connection, upkeep.schema) != upkeep.made:
            raise Renewed(upkeep.schema)
        news = _beyond(changes, page, upkeep.cursors)
        free(connection, list(news.profiles))
        for profile, why in news.unreadable.items():
            park(connection, profile, why)
        try:
            with connection.transaction():
                upkeep.model.absorb(connection, news)
        except OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001  # whose fault it is shows one by one
            log.error("read_model_fails", model=upkeep.model.name, **failure(error))
            _one_by_one(connection, upkeep.model, news)
        upkeep.progress.advance(connection, ahead)
        return ahead


def _enter(connection: Connection[TupleRow], schema: str) -> None:
    connection.execute("SELECT set_config('search_path', %s, true)", (f"{schema}, public",))


def _made(connection: Connection[TupleRow], schema: str) -> UUID:
    query = SQL("SELECT id FROM {}").format(Identifier(schema, "made"))
    row = connection.execute(query).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


def _one_by_one(connection: Connection[TupleRow], model: ReadModel, changes: Changes) -> None:
    for profile, held in changes.profiles.items():
        records = [record for record in changes.records if record.stream == profile]
        try:
            with connection.transaction():
                model.absorb(connection, Changes(records, {profile: held}, {}))
        except OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001  # parked, and shown in health
            park(connection, profile, type(error).__name__)


def _beyond(changes: Changes, page: Sequence[Tailed], cursors: Mapping[int, int]) -> Changes:
    """Without what the read model has dealt with before."""
    if all(seen.notification.id > cursors[seen.shard] for seen in page):
        return changes
    news = {
        (seen.notification.originator_id, seen.notification.originator_version)
        for seen in page
        if seen.notification.id > cursors[seen.shard]
    }
    streams = {stream for stream, _ in news}
    return Changes(
        [record for record in changes.records if (record.stream, record.version) in news],
        {one: held for one, held in changes.profiles.items() if one in streams},
        {one: why for one, why in changes.unreadable.items() if one in streams},
    )


def _pace(page: Sequence[Tailed], each: int) -> int:
    """So many of each shard that a page is well filled, however few shards have news."""
    shards = len({seen.shard for seen in page})
    if len(page) < shards * each // 2:
        return max(FEWEST, each // 2)
    return max(FEWEST, min(each * 2, PAGE // max(1, shards)))

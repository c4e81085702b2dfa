"""One read model kept up: how far it has come, and what of a page of the log concerns it."""

from collections.abc import Collection
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from aggregates.log.following import Changes
from aggregates.log.port import LogUnreachable
from aggregates.log.tracking import Progress
from config.failures import failure
from config.logs import logger
from projections.page import Page, only
from projections.parked import PARKED, free, park, parked
from projections.readmodel import ReadModel, schema_of

OUTAGES = (LogUnreachable, psycopg.OperationalError, psycopg.InterfaceError)
TURN = 0xC3600  # of two workers that begin at once only one makes the tables
MADE = """
CREATE TABLE IF NOT EXISTS made (id uuid PRIMARY KEY, seen_at timestamptz NOT NULL DEFAULT now());
INSERT INTO made SELECT gen_random_uuid() WHERE NOT EXISTS (SELECT FROM made)
"""
ENTER = SQL("SELECT id, set_config('search_path', %s, true) FROM {}")
SEEN = SQL("UPDATE {} SET seen_at = now()")
log = logger()


class Renewed(Exception):
    """The tables of a read model were made anew and put in the place of the old ones."""


class Keeping:
    """Of one making of its tables. Used by one thread."""

    def __init__(
        self,
        connection: Connection[TupleRow],
        model: ReadModel,
        shards: Collection[int],
        suffix: str = "",
    ) -> None:
        """Makes the tables where there are none."""
        self._model = model
        self._schema = schema_of(model.name) + suffix
        self._progress = Progress(self._schema)
        with connection.transaction():
            self._create(connection)
            self._made = self._enter(connection)
            self._parked = parked(connection)
        self.cursors = self._progress.read(connection, shards)

    def absorb(
        self,
        connection: Connection[TupleRow],
        page: Page,
    ) -> dict[int, int]:
        """Inside the caller's transaction; what to add to the cursors once that is committed."""
        ahead = {s: last for s, last in page.reached.items() if last > self.cursors[s]}
        if not ahead:
            return {}
        if self._enter(connection) != self._made:
            raise Renewed(self._schema)
        news = page.concerning(self.cursors, self._model.moved_by, self._parked)
        self._free(connection, news)
        for profile, why in news.unreadable.items():
            self._park(connection, profile, why)
        if news.profiles:
            self._absorb(connection, news)
        self._progress.advance(connection, ahead)
        return ahead

    def seen(self, connection: Connection[TupleRow]) -> None:
        """Says that somebody keeps the read model up."""
        connection.execute(SEEN.format(Identifier(self._schema, "made")))

    def _create(self, connection: Connection[TupleRow]) -> None:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (TURN,))
        connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(self._schema)))
        connection.execute("SELECT set_config('search_path', %s, true)", (self._path,))
        connection.execute(self._model.tables.encode())
        connection.execute(PARKED)
        connection.execute(MADE)
        self._progress.create(connection)

    @property
    def _path(self) -> str:
        return f"{self._schema}, public"

    def _enter(self, connection: Connection[TupleRow]) -> UUID:
        """Until the transaction ends; which making of the tables is there."""
        query = ENTER.format(Identifier(self._schema, "made"))
        row = connection.execute(query, (self._path,)).fetchone()
        assert row is not None
        found: UUID = row[0]
        return found

    def _absorb(self, connection: Connection[TupleRow], news: Changes) -> None:
        try:
            with connection.transaction():
                self._model.absorb(connection, news)
        except OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001  # whose fault it is shows one by one
            log.error("read_model_fails", model=self._model.name, **failure(error))
            self._one_by_one(connection, news)

    def _one_by_one(self, connection: Connection[TupleRow], news: Changes) -> None:
        for profile in news.profiles:
            try:
                with connection.transaction():
                    self._model.absorb(connection, only(news, {profile}))
            except OUTAGES:
                raise
            except Exception as error:  # noqa: BLE001  # parked, and shown in health
                self._park(connection, profile, type(error).__name__)

    def _park(self, connection: Connection[TupleRow], profile: UUID, why: str) -> None:
        park(connection, profile, why)
        self._parked.add(profile)

    def _free(self, connection: Connection[TupleRow], news: Changes) -> None:
        if freed := self._parked & news.profiles.keys():
            free(connection, list(freed))
            self._parked -= freed

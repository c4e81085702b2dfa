"""Reads the log and brings read models up to date: tables and progress in one transaction.

An event that a read model cannot deal with is parked for that read model alone.
"""

import threading
from collections.abc import Mapping, Sequence
from time import monotonic

from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Following
from aggregates.log.keys import Keyring
from aggregates.log.port import SHARDS
from aggregates.log.postgres import PostgresLog
from aggregates.log.tail import Tailed
from aggregates.log.tracking import Overtaken
from config.connections import HOST_LIMITS, HostConnection, limited, limiting
from config.edges import Outage
from config.failures import failure
from projections.keeping import OUTAGES, Keeping, Renewed
from projections.page import Page
from projections.reading import Reading
from projections.readmodel import ReadModel

FEWEST = 20  # events of each shard, where all are read at once
PAGE = FEWEST * SHARDS
# Between two looks where there is no more than a page: what comes meanwhile costs one transaction,
# and readers do not see a difference.
PAUSE_S = 0.25
AGAIN_S = 1.0  # after an outage
SEEN_EVERY_S = 1.0


class Runner:
    """Of some shards, for some read models. Used by one thread."""

    def __init__(
        self,
        dsn: str,
        keyring: Keyring,
        models: Sequence[ReadModel],
        shards: Sequence[int] = range(SHARDS),
        suffix: str = "",
    ) -> None:
        """`suffix` is that of the schemas' names."""
        self._dsn = limited(dsn, "c360-projections")
        self._models = models
        self._shards = shards
        self._log = PostgresLog(dsn)
        self._following = Following(self._log, keyring)
        self._suffix = suffix
        self._connection: Connection[TupleRow] | None = None
        self._kept: list[Keeping] = []
        self._page = PAGE
        self._reading = Reading(shards)
        self._seen_at = 0.0

    def run(self, stopped: threading.Event, pause_s: float = PAUSE_S) -> None:
        """Until told to stop. Outlives every outage of the database."""
        outage = Outage("projections_fail", "projections_succeed")
        while not stopped.is_set():
            try:
                self.step()
            except Renewed:
                self.begin_again()
            except (*OUTAGES, Overtaken) as error:
                outage.failed(**failure(error))
                self.begin_again()
                stopped.wait(AGAIN_S)
            else:
                outage.over()
                if not self._reading.has_more:
                    stopped.wait(pause_s)

    def step(self) -> int:
        """One page for every read model that is not at the end; the number of events.

        Raises Overtaken, Renewed, or one of OUTAGES: then `begin_again`.
        """
        connection = self._open()
        events = self._reading.page(connection, self._behind(), self._page)
        if events:
            self._absorbed(connection, events)
        self._page = min(PAGE, self._page * 2)
        self._say(connection)
        return len(events)

    def close(self) -> None:
        """For good."""
        self.begin_again()
        self._log.close()

    def begin_again(self) -> None:
        """At the next step, from where the tables say they are, and with less at once: a page may
        have taken longer than a transaction may."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._kept = None, []
        self._page = max(1, self._page // 2)

    def _open(self) -> Connection[TupleRow]:
        if self._connection is None or self._connection.closed:
            self._connection = connection = HostConnection.connect(self._dsn, autocommit=True)
            connection.execute(*limiting({**HOST_LIMITS, "lock_timeout": "5s"}))
            kept = [Keeping(connection, one, self._shards, self._suffix) for one in self._models]
            self._kept = kept
        return self._connection

    def _behind(self) -> Mapping[int, int]:
        """Where the read model stands that has come least far."""
        return {shard: min(one.cursors[shard] for one in self._kept) for shard in self._shards}

    def _absorbed(self, connection: Connection[TupleRow], events: Sequence[Tailed]) -> None:
        page = Page(events, self._following.follow(events))
        with connection.transaction():
            advances = [one.absorb(connection, page) for one in self._kept]
        for kept, advance in zip(self._kept, advances, strict=True):
            kept.cursors.update(advance)

    def _say(self, connection: Connection[TupleRow]) -> None:
        if (now := monotonic()) >= self._seen_at + SEEN_EVERY_S:
            for one in self._kept:
                one.seen(connection)
            self._seen_at = now

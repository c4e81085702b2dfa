"""What changes segments besides news: time that passes, and changed rules."""

import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from psycopg import Connection, errors
from psycopg.rows import TupleRow

from config.connections import limited, limiting
from config.edges import Outage
from config.failures import failure
from projections.segments.caught_up import CaughtUp
from projections.segments.definitions import Definition, asks_shop, definitions
from projections.segments.ending import OPEN, REMEMBERED, emptied
from projections.segments.feed import tell
from projections.segments.membership import (
    TAKE_TURN,
    TURN,
    Why,
    setting_of,
    settle,
    settled,
)
from projections.segments.news import Changed, gathered
from projections.segments.put_off import PutOff
from projections.segments.setting import Setting
from projections.windows import Windows

PERIOD_S = 2.0  # between two looks
AT_ONCE = 5_000  # customers whose time has come
CROWD = 50_000  # of one segment: then looking at everybody is faster
LIMITS = {  # everybody in a large shop is looked at in one statement
    "statement_timeout": "120s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "transaction_timeout": "150s",
}
# Sums of nearly as many customers as there are: several processors would each make all of them.
FOR_EVERYBODY = "SELECT set_config('work_mem', '64MB', false)," \
    " set_config('max_parallel_workers_per_gather', '0', false)"  # fmt: skip
STALE = """
    SELECT segment_id, namespace_id, segments.revision, settled.revision FROM segments
        LEFT JOIN rm_segments.settled USING (segment_id)
        LEFT JOIN (SELECT namespace_id, max(version) AS version FROM shop_events GROUP BY 1)
            AS shops USING (namespace_id)
    WHERE (segments.revision IS DISTINCT FROM settled.revision
        OR settled.shop <> COALESCE(shops.version, 0)) AND segment_id <> ALL(%s)
    ORDER BY changed_at LIMIT 1
"""
IS_SETTLED = (
    "INSERT INTO rm_segments.settled VALUES (%s, %s, %s, %s) ON CONFLICT (segment_id) DO UPDATE"
    " SET revision = excluded.revision, settled_at = excluded.settled_at, shop = excluded.shop"
)
STILL_SETTLED = "UPDATE rm_segments.settled SET shop = %s WHERE segment_id = %s"
DUE = (
    "SELECT namespace_id, segment_id, profile_id FROM rm_segments.due JOIN segments USING"
    " (segment_id) JOIN rm_segments.settled USING (segment_id, revision)"
    " WHERE due_at <= %s AND segment_id <> ALL(%s) ORDER BY due_at LIMIT %s"
)
CROWDED = (
    "SELECT count(*) = %(crowd)s FROM (SELECT FROM rm_segments.due WHERE segment_id = %(segment)s"
    " AND due_at <= %(now)s LIMIT %(crowd)s) AS waiting"
)


class Clock:
    """Used by one thread; any number may run, they take turns."""

    def __init__(self, dsn: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._dsn = limited(dsn, "c360-segments")
        self._now = now
        self._shops = Windows()
        self._put_off = PutOff()
        self._read = CaughtUp()
        self._connection: Connection[TupleRow] | None = None

    def run(self, stopped: threading.Event) -> None:
        """Until told to stop. Outlives every outage of the database."""
        outage = Outage("segment_clock_fails", "segment_clock_succeeds")
        while not stopped.wait(PERIOD_S):
            try:
                while self.step() and not stopped.is_set():
                    pass
            except Exception as error:  # noqa: BLE001  # told, and tried again
                outage.failed(**failure(error))
                self.close()
            else:
                outage.over()
        self.close()

    def step(self) -> int:
        """The number of segments settled, of customers looked at or who left a segment that ended,
        or of changes told; 0 once there is no more."""
        connection = self._open()
        now = self._now()
        if not self._read.look(connection):
            return 0
        if not self._has_work(connection, now):
            return tell(connection)
        with connection.transaction():
            connection.execute(TAKE_TURN, (TURN,))
            left = emptied(connection, now)
            self._shops.catch_up(connection)
            done = self._settled_anew(connection, now) or self._looked_again(connection, now)
        if left:
            tell(connection)  # page by page, too
        return left + done

    def _settled_anew(self, connection: Connection[TupleRow], now: datetime) -> int:
        """One segment whose rule is new or has changed, or whose shop has changed its settings:
        if that matters, everybody is looked at."""
        row = connection.execute(STALE, (self._put_off.at(now),)).fetchone()
        if row is None:
            return 0
        segment_id, namespace, revision, before = row
        held, shop = definitions(connection, namespace), self._shops.version(namespace)
        setting = setting_of(connection, self._shops.settings(namespace), held, now)
        if before == revision and not asks_shop(held[segment_id].rule, setting.rule_of):
            connection.execute(STILL_SETTLED, (shop, segment_id))
            return 1
        if before is None:  # or the read model was thrown away: who was in has not entered again
            connection.execute(REMEMBERED, (segment_id,))
        if self._settles(connection, held[segment_id], setting, Why("rule")):
            connection.execute(IS_SETTLED, (segment_id, revision, now, shop))
        return 1

    def _looked_again(self, connection: Connection[TupleRow], now: datetime) -> int:
        """At those for whom a window closes."""
        rows = connection.execute(DUE, (now, self._put_off.at(now), AT_ONCE)).fetchall()
        due: dict[tuple[int, UUID], list[Changed]] = defaultdict(list)
        for namespace, segment_id, profile_id in rows:
            due[namespace, segment_id].append(Changed(profile_id))
        for namespace in {namespace for namespace, _ in due}:
            for one, setting in settled(connection, self._shops, namespace, now):
                whom = due.get((namespace, one.segment_id), [])
                if len(rows) == AT_ONCE and whom and _is_crowd(connection, one.segment_id, now):
                    self._settles(connection, one, setting, Why("time"))
                elif whom:
                    with gathered(connection, whom):
                        self._settles(connection, one, setting, Why("time", some=True))
        return len(rows)

    def _settles(
        self, connection: Connection[TupleRow], segment: Definition, setting: Setting, why: Why
    ) -> bool:
        """Whether it could be done: a rule may cost more than a statement may, or a number in it be
        larger than any that the database has."""
        try:
            with connection.transaction():
                settle(connection, segment, setting, why)
        except (errors.QueryCanceled, psycopg.DataError) as error:
            self._put_off.add(segment.segment_id, setting.now, type(error).__name__)
            return False
        return True

    def _has_work(self, connection: Connection[TupleRow], now: datetime) -> bool:
        """So that nobody waits for a turn in which nothing is done."""
        off = self._put_off.at(now)
        queries = ((STALE, (off,)), (OPEN, ()), (DUE, (now, off, 1)))
        return any(connection.execute(query, values).fetchone() for query, values in queries)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _open(self) -> Connection[TupleRow]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._dsn, autocommit=True)
            self._connection.execute(*limiting(LIMITS))
            self._connection.execute(FOR_EVERYBODY)
        return self._connection


def _is_crowd(connection: Connection[TupleRow], segment_id: UUID, now: datetime) -> bool:
    """As many as when in the evening quiet hours begin."""
    values = {"crowd": CROWD, "segment": segment_id, "now": now}
    return connection.execute(CROWDED, values).fetchone() == (True,)

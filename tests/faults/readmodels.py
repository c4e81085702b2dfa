"""Whether read models say of customers what a fold of the log says, once they have read it all."""

import asyncio
import time
from collections.abc import Sequence
from math import ceil
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from aggregates.log.following import Changes, Following
from aggregates.log.postgres import PostgresLog
from api.demo.seeds import chance
from projections.health import states
from projections.models import read_models
from projections.readmodel import ReadModel, schema_of
from tests.faults.ledger import Ledger, Store, Stream
from tests.faults.waiting import until

NEVER_S = 120.0  # by then whatever was killed is back and has read all there is
CUSTOMERS = 200  # looked at, of each namespace
LOOKS, BETWEEN_S = 4, 2.0
FOLDED = "folded_anew"
# of the moment at which a row was written, or of the events that happened to be on one page
MOMENTARY = frozenset({"stage", "since", "due_at", "seq", "version", "settled_at"})
COLUMNS = """
    SELECT table_name, array_agg(column_name::text) FROM information_schema.columns
    WHERE table_schema = %s AND table_name IN (SELECT table_name FROM information_schema.columns
        WHERE table_schema = %s AND column_name = 'profile_id')
    GROUP BY table_name
"""
APART = SQL("""
    SELECT count(*) FROM (
        (SELECT {columns} FROM {one} WHERE profile_id = ANY(%(who)s)
         EXCEPT ALL SELECT {columns} FROM {other} WHERE profile_id = ANY(%(who)s))
        UNION ALL
        (SELECT {columns} FROM {other} WHERE profile_id = ANY(%(who)s)
         EXCEPT ALL SELECT {columns} FROM {one} WHERE profile_id = ANY(%(who)s))
    ) AS rows
""")


def caught_up(dsn: str) -> dict[str, int]:
    """I4, in whole seconds from now on."""
    took_s = until(lambda: not _behind(dsn), NEVER_S, "read models are still behind")
    return {"read models behind for s": ceil(took_s)}


def told(dsn: str, store: Store, namespace: int) -> dict[str, int]:
    """I3, of some customers: rows that only one of both has, the read model or the fold."""
    looks, apart = LOOKS, _apart(dsn, store, namespace)
    while apart and looks:  # the clock may have noted a stage between two looks
        time.sleep(BETWEEN_S)
        looks, apart = looks - 1, _apart(dsn, store, namespace)
    return {"wrong rows": apart}


def _behind(dsn: str) -> int:
    async def asked() -> int:
        async with await AsyncConnection[Any].connect(dsn, autocommit=True) as connection:
            found = await states(connection)
        assert len(found) > 1, "there are read models"
        return sum(state.behind for state in found)

    return asyncio.run(asked())


def _apart(dsn: str, store: Store, namespace: int) -> int:
    log = PostgresLog(dsn)
    try:
        with store.connected() as connection:
            streams = list(Ledger(connection, store.keyring, namespace).streams())
            some = chance("read models", namespace).sample(streams, min(CUSTOMERS, len(streams)))
            changes = _changes(log, store, some)
            models = read_models(store.keyring)
            return sum(_rows_apart(connection, model, changes) for model in models)
    finally:
        log.close()


def _changes(log: PostgresLog, store: Store, streams: Sequence[Stream]) -> Changes:
    """As if one page of the log had brought everything there is about these customers."""
    records = [record for stream in streams for record in stream.records]
    load = Following(log, store.keyring).profiles
    return Changes(records, load(stream.profile_id for stream in streams), {}, load, load)


def _rows_apart(connection: Connection[TupleRow], model: ReadModel, changes: Changes) -> int:
    with connection.transaction(force_rollback=True):
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(FOLDED)))
        connection.execute("SELECT set_config('search_path', %s, true)", (f"{FOLDED}, public",))
        connection.execute(model.tables.encode())
        model.absorb(connection, changes)
        tables = connection.execute(COLUMNS.encode(), (FOLDED, FOLDED)).fetchall()
        who = list(changes.profiles)
        return sum(
            _rows_of(connection, schema_of(model.name), table, sorted({*columns} - MOMENTARY), who)
            for table, columns in tables
        )


def _rows_of(
    connection: Connection[TupleRow], schema: str, table: str, columns: list[str], who: list[UUID]
) -> int:
    asked = APART.format(
        columns=SQL(", ").join(map(Identifier, columns)),
        one=Identifier(schema, table),
        other=Identifier(FOLDED, table),
    )
    row = connection.execute(asked, {"who": who}).fetchone()
    assert row is not None
    return int(row[0])

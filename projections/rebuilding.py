"""A read model made anew beside the old one, and put in its place."""

from collections.abc import Callable
from typing import Any, LiteralString

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from aggregates.log.keys import Keyring
from config.connections import limited
from projections.health import HEAD
from projections.readmodel import ReadModel, schema_of
from projections.runner import Runner

NEXT, OLD = "_next", "_old"
NEARLY = 500  # events; the rest is read by whoever keeps the read model up to date
EXISTS = "SELECT count(*) > 0 FROM pg_namespace WHERE nspname = %s"
Shown = Callable[[int, int], None]


def rebuild(dsn: str, keyring: Keyring, model: ReadModel, shown: Shown = lambda *_: None) -> int:
    """The number of events read. `shown` hears how many of how many, page by page.

    The old tables answer until the new ones are there. Broken off, it begins anew next time.
    """
    schema = schema_of(model.name)
    with psycopg.connect(limited(dsn, "c360-rebuild"), autocommit=True) as connection:
        _drop(connection, schema + NEXT)
        runner = Runner(dsn, keyring, [model], suffix=NEXT)
        try:
            read = _caught_up(connection, runner, shown)
        finally:
            runner.close()
        _swap(connection, schema)
    return read


def _caught_up(connection: Connection[TupleRow], runner: Runner, shown: Shown) -> int:
    read = 0
    while True:
        read += runner.step()
        there: int = _one(connection, HEAD)
        shown(read, there)
        if there - read < NEARLY:
            return read


def _swap(connection: Connection[TupleRow], schema: str) -> None:
    with connection.transaction():
        _drop(connection, schema + OLD)
        if _one(connection, EXISTS, schema):
            _rename(connection, schema, schema + OLD)
        _rename(connection, schema + NEXT, schema)
    _drop(connection, schema + OLD)


def _rename(connection: Connection[TupleRow], old: str, new: str) -> None:
    rename = SQL("ALTER SCHEMA {} RENAME TO {}")
    connection.execute(rename.format(Identifier(old), Identifier(new)))


def _one(connection: Connection[TupleRow], query: LiteralString, *values: object) -> Any:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def _drop(connection: Connection[TupleRow], schema: str) -> None:
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))

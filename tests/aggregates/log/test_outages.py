"""What the database's errors become: outages are tried again, mistakes are not hidden.

Real errors of a real server, raised where the log is written and where it is read.
"""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import PersistenceError
from psycopg import errors

from aggregates.log.outages import passes
from aggregates.log.port import LogUnreachable, StreamMoved, Unit
from aggregates.log.postgres import PostgresLog
from aggregates.log.reading import connected
from config.connections import api_pool

OUTAGES = {
    "08006": "connection failure",
    "25006": "read-only: this is a standby now",
    "25P02": "the transaction has failed already",
    "25P03": "idle in a transaction for too long",
    "25P04": "the transaction took too long",
    "40001": "serialization failure",
    "40003": "whether it was committed is unknown",
    "40P01": "deadlock",
    "53100": "disk full",
    "53200": "out of memory",
    "53300": "too many clients",
    "55P03": "lock timeout",
    "57014": "statement timeout",
    "57P01": "the server is told to shut down",
    "57P02": "the server crashed",
    "57P03": "the server is starting",
    "57P05": "idle for too long",
    "58030": "input or output error",
}
MISTAKES = {
    "22P05": "a character nobody can store",
    "23502": "a column that must not be empty",
    "42703": "there is no such column",
    "42501": "we may not do that",
    "XX001": "a damaged page, which people must see",
    "ZZ999": "a code nobody knows",
}
CONFLICTS = {"23505": "somebody else wrote first"}
RAISING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = convert_from(NEW.outcome, 'UTF8'), MESSAGE = 'refused';
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON commands FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.fixture
def refusing(database: str) -> str:
    """A database that refuses each outcome with the error whose code it holds."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(RAISING.encode())
    return database


@pytest.fixture
def log(refusing: str) -> Iterator[PostgresLog]:
    with closing(PostgresLog(refusing)) as opened:
        yield opened


def refused_with(code: str) -> Unit:
    return Unit(outcomes=[(uuid4().bytes, code.encode())])


def test_an_outage_while_writing_is_unreachable(log: PostgresLog) -> None:
    for code in OUTAGES:
        with pytest.raises(LogUnreachable):
            log.append(refused_with(code))


def test_a_mistake_while_writing_is_no_outage(log: PostgresLog) -> None:
    for code in MISTAKES:
        with pytest.raises(PersistenceError):
            log.append(refused_with(code))


def test_only_a_key_that_is_taken_is_a_conflict(log: PostgresLog) -> None:
    for code in CONFLICTS:
        with pytest.raises(StreamMoved):
            log.append(refused_with(code))


def test_an_outage_while_reading_is_unreachable_and_a_mistake_is_not(database: str) -> None:
    async def kind_of(code: str) -> type[Exception]:
        try:
            async with connected(pool) as connection:
                statement = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"
                await connection.execute(statement.encode())
        except (LogUnreachable, psycopg.Error) as error:
            return type(error)
        raise AssertionError(f"{code} was not raised")

    async def kinds() -> dict[str, type[Exception]]:
        async with pool:
            return {code: await kind_of(code) for code in OUTAGES | MISTAKES | CONFLICTS}

    pool = api_pool(database)
    found = asyncio.run(kinds())
    unreachable = {code for code, kind in found.items() if kind is LogUnreachable}
    assert unreachable == set(OUTAGES)


def test_what_the_client_itself_says_of_a_broken_connection_is_an_outage() -> None:
    assert passes(psycopg.InterfaceError("the connection is closed"))
    assert passes(psycopg.DatabaseError("server closed the connection unexpectedly"))
    assert passes(errors.ConnectionTimeout("connection timeout expired"))
    assert not passes(psycopg.ProgrammingError("a statement with two placeholders, one value"))
    assert not passes(None)

"""The proxy does to connections what it says, and nothing else."""

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.faults.network.proxy import Proxy, proxied
from tests.faults.network.remote import socket_of
from tests.faults.network.wire import Moment

ME, OTHER = "me", "other"


@pytest.fixture
def proxy(database: str) -> Iterator[Proxy]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE notes (n int)")
    with proxied(socket_of(database)) as running:
        yield running


@pytest.fixture
def connect(proxy: Proxy, database: str) -> Callable[..., psycopg.Connection]:
    def connected(group: str = ME) -> psycopg.Connection:
        url = proxy.dsn(database, application_name=group)
        return psycopg.connect(url, autocommit=True, connect_timeout=5)

    return connected


Connect = Callable[..., psycopg.Connection]


def note(connection: psycopg.Connection, count: int = 1) -> None:
    with connection.transaction(), connection.cursor().copy("COPY notes FROM STDIN") as copy:
        for n in range(count):
            copy.write_row((n,))


def noted(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM notes").fetchone()
        return int(row[0]) if row else 0


def test_it_passes_everything_on(connect: Connect, database: str) -> None:
    with connect() as connection:
        note(connection, 50_000)
        assert len(connection.execute("SELECT n FROM notes").fetchall()) == 50_000
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
    assert noted(database) == 50_000


def test_a_commit_whose_answer_is_cut_off_is_durable(
    connect: Connect, proxy: Proxy, database: str
) -> None:
    proxy.cut(Moment.COMMITTED, ME)
    with connect() as connection, pytest.raises(psycopg.DatabaseError):
        note(connection)
    assert (noted(database), proxy.cuts) == (1, 1)


def test_a_commit_cut_off_before_the_server_leaves_nothing(
    connect: Connect, proxy: Proxy, database: str
) -> None:
    proxy.cut(Moment.COMMIT, ME)
    with connect() as connection, pytest.raises(psycopg.DatabaseError):
        note(connection)
    assert (noted(database), proxy.cuts) == (0, 1)


def test_only_every_nth_commit_of_its_group_is_cut(
    connect: Connect, proxy: Proxy, database: str
) -> None:
    proxy.cut(Moment.COMMIT, ME, every=3)
    with connect(OTHER) as other, connect() as connection:
        note(connection)
        note(connection)
        note(other)
        with pytest.raises(psycopg.DatabaseError):
            note(connection)
        note(other)
    assert (noted(database), proxy.cuts) == (4, 1)


def test_a_commit_in_the_extended_protocol_is_seen_as_well(
    connect: Connect, proxy: Proxy, database: str
) -> None:
    proxy.cut(Moment.COMMIT, ME)
    with (
        connect() as connection,
        pytest.raises(psycopg.DatabaseError),
        connection.pipeline(),
        connection.transaction(),
    ):
        connection.execute("INSERT INTO notes VALUES (1)")
    assert (noted(database), proxy.cuts) == (0, 1)


def test_a_rollback_is_no_commit(connect: Connect, proxy: Proxy) -> None:
    proxy.cut(Moment.COMMITTED, ME)
    with connect() as connection:
        with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction():
            connection.execute("SELECT 1 / 0")
        connection.execute("SELECT 1")
    assert proxy.cuts == 0


def test_who_is_stopped_before_the_commit_goes_on_when_released(
    connect: Connect, proxy: Proxy, database: str
) -> None:
    stop = proxy.stop(Moment.COMMIT, ME)
    with connect() as connection:
        writing = threading.Thread(target=note, args=(connection,))
        writing.start()
        stop.wait_reached()
        assert noted(database) == 0
        stop.release()
        writing.join()
    assert noted(database) == 1


def test_a_held_group_hears_nothing_until_forwarded_and_others_do(
    connect: Connect, proxy: Proxy
) -> None:
    with connect() as held, connect(OTHER) as other:
        proxy.hold(ME)
        asking = threading.Thread(target=held.execute, args=("SELECT 1",))
        asking.start()
        other.execute("SELECT 1")
        assert asking.is_alive()
        proxy.forward()
        asking.join()
        held.execute("SELECT 1")


def test_severed_connections_are_gone_and_refused_ones_do_not_come(
    connect: Connect, proxy: Proxy
) -> None:
    with connect() as connection, connect(OTHER) as other:
        assert proxy.sever(ME) == 1
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        proxy.refuse()
        with pytest.raises(psycopg.OperationalError):
            connect()
        other.execute("SELECT 1")
        proxy.forward()
        connect().close()


def test_what_was_late_stays_in_order_when_the_delay_ends(connect: Connect, proxy: Proxy) -> None:
    with connect() as connection:
        proxy.slow(0.05)
        with connection.pipeline():
            rows = [connection.execute("SELECT %s::int", (n,)) for n in range(10)]
            proxy.slow(0)
        assert [row.fetchone() for row in rows] == [(n,) for n in range(10)]

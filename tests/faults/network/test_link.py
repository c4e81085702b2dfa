"""The link loses and delays real packets, and a client that is not limited would wait for ever."""

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.faults.network.link import PORT, Link, NoLink, linked
from tests.faults.network.proxy import Proxy, proxied
from tests.faults.network.remote import socket_of

ME, OTHER = "me", "other"


@pytest.fixture
def link() -> Iterator[Link]:
    try:
        with linked() as ours:
            yield ours
    except NoLink as reason:
        pytest.skip(str(reason))


@pytest.fixture
def connect(link: Link, database: str) -> Iterator[Callable[..., psycopg.Connection]]:
    with proxied(socket_of(database), link.near, PORT) as proxy:
        proxy.address = link.far, PORT
        yield lambda group=ME: _connected(proxy, database, group)


def _connected(proxy: Proxy, database: str, group: str) -> psycopg.Connection:
    url = proxy.dsn(database, application_name=group, tcp_user_timeout="1000", connect_timeout="2")
    return psycopg.connect(url, autocommit=True)


def test_everything_arrives_while_the_weather_is_fine(
    link: Link, connect: Callable[..., psycopg.Connection]
) -> None:
    with connect() as connection:
        rows = connection.execute("SELECT generate_series(1, 100000)").fetchall()
        assert [row[0] for row in rows] == list(range(1, 100_001))


def test_what_is_lost_is_sent_again_and_what_is_late_comes(
    link: Link, connect: Callable[..., psycopg.Connection]
) -> None:
    link.weather(loss=0.05, delay_s=0.01, jitter_s=0.01)
    with connect() as connection:
        rows = connection.execute("SELECT generate_series(1, 100000)").fetchall()
        assert [row[0] for row in rows] == list(range(1, 100_001))
    assert link.lost > 0


def test_only_the_parted_group_is_parted(
    link: Link, connect: Callable[..., psycopg.Connection]
) -> None:
    with connect() as parted, connect(OTHER) as other:
        link.part(ME)
        with pytest.raises(psycopg.OperationalError):
            parted.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            connect()
        other.execute("SELECT 1")
        link.heal()
        connect().close()


def test_a_short_parting_delays_and_breaks_nothing(
    link: Link, connect: Callable[..., psycopg.Connection]
) -> None:
    with connect() as connection:
        link.part(ME)
        asking = threading.Thread(target=connection.execute, args=("SELECT 1",))
        asking.start()
        time.sleep(0.2)
        assert asking.is_alive()
        link.heal()
        asking.join()

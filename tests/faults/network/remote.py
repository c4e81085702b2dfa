"""A database as if on another machine: one of our own, reached only by way of a proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from aggregates.log.keys import Keyring
from config.embedded import EmbeddedPostgres
from config.migrations import migrate
from tests.actors.shopping import KEYRING
from tests.faults.network.link import PORT, Link
from tests.faults.network.proxy import Proxy, proxied


class Remote(NamedTuple):
    direct: str  # the DSN that no fault touches
    proxy: Proxy

    def dsn(self, **parameters: str) -> str:
        """By way of the proxy."""
        return self.proxy.dsn(self.direct, **parameters)

    @property
    def keyring(self) -> Keyring:
        """That of the shoppers there are in tests without a server."""
        return KEYRING

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[TupleRow]]:
        """Past the proxy."""
        with psycopg.connect(self.direct, autocommit=True) as connection:
            yield connection


@contextmanager
def remote_database(folder: Path, link: Link | None = None) -> Iterator[Remote]:
    """Empty, with our tables; behind a link where one is given."""
    with EmbeddedPostgres(folder / "postgres") as server:
        migrate(server.dsn)
        near = (link.near, PORT) if link else ("127.0.0.1", 0)
        with proxied(socket_of(server.dsn), *near) as proxy:
            if link:
                proxy.address = link.far, PORT
            yield Remote(server.dsn, proxy)


def socket_of(dsn: str) -> Path:
    named = conninfo_to_dict(dsn)
    return Path(f"{named['host']}/.s.PGSQL.{named['port']}")

"""The library's store of connections by our own rules: the whole URL counts, every wait ends."""

from collections.abc import Callable
from typing import Any

from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg import Connection, OperationalError
from psycopg.rows import DictRow, dict_row

from config.connections import (
    HOST_LIMITS,
    RECONNECT_S,
    WAIT_FOR_CONNECTION_S,
    HostConnection,
    has_ended,
    limited,
    limiting,
)


class ShardDatastore(PostgresDatastore):
    """A pool of at most `connections`, opened at first use."""

    def __init__(self, dsn: str, connections: int = 1) -> None:
        super().__init__(dbname="", host="", port="", user="", password="")
        # the library's own knows only these five of a URL's parameters: no TLS, no options
        self.pool = ConnectionPool(
            limited(dsn, "c360-host"),
            connection_class=HostConnection[DictRow],
            kwargs={"autocommit": True, "row_factory": dict_row},
            min_size=1,
            max_size=connections,
            open=False,
            configure=self.after_connect_func(),
            check=self._check,
            timeout=WAIT_FOR_CONNECTION_S,
            reconnect_timeout=RECONNECT_S,
        )

    def register_type_adapters(self) -> None:
        """None are used, so a host can start while the database does not answer."""

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        def limit(connection: Connection[Any]) -> None:
            connection.execute(*limiting(HOST_LIMITS))

        return limit

    def _check(self, connection: Connection[DictRow]) -> None:
        if has_ended(connection.pgconn):
            connection.close()
            self.pool.drain()  # what ended one connection mostly ended all
            raise OperationalError("the server closed an idle connection")

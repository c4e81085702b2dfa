"""How the product connects to its database: every wait has an end, what broke is not used again.

The kernel finds a dead peer within seconds and the server ends what takes too long: the operator's
URL may say otherwise. And a client whose server says nothing at all gives up by itself.
"""

import select
from asyncio import CancelledError
from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg import AsyncConnection, Connection, OperationalError
from psycopg.abc import RV, PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from psycopg.rows import Row
from psycopg.waiting import wait_async
from psycopg_pool import AsyncConnectionPool

NETWORK: Mapping[str, str | int] = {
    "connect_timeout": 3,  # seconds, for each address of the URL
    "tcp_user_timeout": 5_000,  # milliseconds until what was sent must have arrived
    "keepalives": 1,
    "keepalives_idle": 3,  # seconds
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "target_session_attrs": "primary",  # after a failover the old address may be a standby's
}
# The server's side of the same, so that a client that vanished leaves no session for hours; over
# a Unix socket it does not apply.
SERVER_NETWORK: Mapping[str, str] = {
    "tcp_user_timeout": "5s",
    "tcp_keepalives_idle": "3s",
    "tcp_keepalives_interval": "1s",
    "tcp_keepalives_count": "3",
}
# The server ends a statement before we stop waiting for it: then we know what became of it.
API_LIMITS: Mapping[str, str] = {
    "statement_timeout": "4s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
    "transaction_timeout": "8s",
}
OUR_TIME: Mapping[str, str] = {"TimeZone": "UTC"}  # not the database's, nor its operator's
API_ANSWER_S = 5.0
HOST_LIMITS: Mapping[str, str] = {
    "statement_timeout": "8s",
    "lock_timeout": "500ms",  # our own commits take a fraction; who waits holds up a whole batch
    "idle_in_transaction_session_timeout": "5s",  # whoever vanished holds the shard no longer
    "transaction_timeout": "12s",
}
HOST_ANSWER_S = 10.0
POLL_S = 0.1
WAIT_FOR_CONNECTION_S = 2.0
WAITING_AT_MOST = 1_000  # for one pool's connections; beyond that the answer is no at once
# A pool that cannot connect tries again after this, once. After that whoever wants a connection
# makes it try; its own attempts would come ever more seldom, up to minutes apart.
RECONNECT_S = 1.0
API_CONNECTIONS = 8  # of one API process
SET_LIMITS: LiteralString = (
    "SELECT set_config(name, ours, false)"
    " FROM pg_settings JOIN unnest(%s::text[], %s::text[]) AS limits(name, ours) USING (name)"
    " WHERE source <> 'client'"  # the operator's own choice, in the URL's options
)  # limits that an older server does not know are not in pg_settings


class HostConnection(Connection[Row]):
    """Raises OperationalError, and is closed, where the server says nothing for too long."""

    def wait(self, gen: PQGen[RV], interval: float = POLL_S, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, HOST_ANSWER_S if timeout is None else timeout)
        except OperationalError:
            _close_if_in_doubt(self.pgconn)
            raise


class ApiConnection(AsyncConnection[Row]):
    """The same on an event loop. Cancelled, it closes at once.

    psycopg would first ask the server to cancel the query, and wait 5 s for that, and 5 s more.
    """

    async def wait(
        self,
        gen: PQGen[RV],
        interval: float = POLL_S,
        timeout: float | None = None,  # noqa: ASYNC109  # psycopg's signature
    ) -> RV:
        patience_s = API_ANSWER_S if timeout is None else timeout
        try:
            return await wait_async(gen, self.pgconn.socket, interval, patience_s)
        except (OperationalError, CancelledError):
            _close_if_in_doubt(self.pgconn)
            raise


def limited(dsn: str, name: str) -> str:
    """The DSN with limits for the network; `name` is what the database's operators see."""
    return make_conninfo("", **{**NETWORK, "application_name": name, **conninfo_to_dict(dsn)})


def limiting(limits: Mapping[str, str]) -> tuple[LiteralString, tuple[list[str], list[str]]]:
    """The statement, with its parameters, by which a new connection gets its limits."""
    ours = {**SERVER_NETWORK, **limits, **OUR_TIME}
    return SET_LIMITS, (list(ours), list(ours.values()))


def api_pool(dsn: str) -> "AsyncConnectionPool[AsyncConnection[Any]]":
    """Not yet open."""

    async def configure(connection: AsyncConnection[Any]) -> None:
        await connection.execute(*limiting(API_LIMITS))

    async def check(connection: AsyncConnection[Any]) -> None:
        if has_ended(connection.pgconn):
            await connection.close()
            await pool.drain()  # what ended one connection mostly ended all
            raise OperationalError("the server closed an idle connection")

    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        limited(dsn, "c360-api"),
        connection_class=ApiConnection,
        kwargs={"autocommit": True},
        min_size=2,
        max_size=API_CONNECTIONS,
        open=False,
        configure=configure,
        check=check,
        timeout=WAIT_FOR_CONNECTION_S,
        max_waiting=WAITING_AT_MOST,
        reconnect_timeout=RECONNECT_S,
    )
    return pool


def has_ended(connection: PGconn) -> bool:
    """Whether an idle connection is known to be dead, without asking the server.

    A server has nothing to say to an idle client but that it goes; and where the kernel found the
    peer dead, reading would fail. Costs microseconds.
    """
    poll = select.poll()
    poll.register(connection.socket, select.POLLIN)
    return bool(poll.poll(0))


def _close_if_in_doubt(connection: PGconn) -> None:
    """What is still under way could be answered to the next user of the connection."""
    if connection.transaction_status == TransactionStatus.ACTIVE:
        connection.finish()

"""A wire between the product and its database that fails as told.

It listens on TCP, as a database on another machine would, and passes everything on to the
server's Unix socket. Connections are told apart by their application_name, their group.
"""

import asyncio
from asyncio import AbstractEventLoop, StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from psycopg.conninfo import conninfo_to_dict

from tests.faults.network.background import background_loop, done_in
from tests.faults.network.connection import Connection, Lane
from tests.faults.network.interference import Interference, Stop
from tests.faults.network.wire import Moment, frame_from, greeting_from

API, HOST = "c360-api", "c360-host"  # the groups there are in the product
T = TypeVar("T")


class Proxy:
    """Lives on a loop of its own; its methods are for all other threads."""

    def __init__(self, server: Path, loop: AbstractEventLoop) -> None:
        self.address = "", 0  # where clients find it
        self._server = server
        self._loop = loop
        self._connections: set[Connection] = set()
        self._interference = Interference()
        self._refuses = False
        self._held: dict[str, asyncio.Event] = {}
        self._delay_s = 0.0

    @property
    def cuts(self) -> int:
        """How many connections were cut at a moment of theirs so far."""
        return self._interference.cuts

    def dsn(self, dsn: str, **parameters: str) -> str:
        """The same database by way of this proxy."""
        named = conninfo_to_dict(dsn)
        host, port = self.address
        url = f"postgresql://{named['user']}@{host}:{port}/{named['dbname']}"
        return url + "?" + "&".join(f"{name}={value}" for name, value in parameters.items())

    def forward(self) -> None:
        """No more faults from here on: what was held goes on, what was refused may come."""
        self._do(self._heal)

    def refuse(self) -> None:
        """Whoever connects is turned away at once."""
        self._refuses = True

    def sever(self, group: str | None = None) -> int:
        """Ends the connections there are, and says how many."""
        return self._do(lambda: self._sever(group))

    def hold(self, group: str) -> None:
        """Keeps the group's connections and passes nothing on, either way, until `forward`."""
        self._do(lambda: self._held.setdefault(group, asyncio.Event()))

    def slow(self, delay_s: float) -> None:
        """Everything arrives so much later, in order, both ways."""
        self._delay_s = delay_s

    def cut(self, moment: Moment, group: str, every: int = 1) -> None:
        """Ends every nth connection of the group that comes to this moment, and counts them."""
        self._do(lambda: self._interference.cut(moment, group, every))

    def stop(self, moment: Moment, group: str) -> Stop:
        """Holds the next connection of the group that comes to this moment."""
        stop = Stop(self._loop)
        self._do(lambda: self._interference.stop(moment, group, stop))
        return stop

    async def listen(self, host: str, port: int) -> asyncio.Server:
        listener = await asyncio.start_server(self._serve, host, port)
        self.address = listener.sockets[0].getsockname()
        return listener

    async def close(self, listener: asyncio.Server) -> None:
        listener.close()
        self._heal()
        self._sever(None)

    async def _serve(self, client: StreamReader, to_client: StreamWriter) -> None:
        try:
            greeting = await greeting_from(client, to_client)
            if greeting is not None and not self._refuses:
                server, to_server = await asyncio.open_unix_connection(self._server)
                to_server.write(greeting.encoded)
                connection = Connection(greeting.group, to_client, to_server)
                await self._joined(connection, client, server)
        except OSError:  # the server is down, as it would be on another machine
            return
        except asyncio.CancelledError:  # we end; asyncio would report it as an error of ours
            return
        finally:
            to_client.transport.abort()

    async def _joined(
        self, connection: Connection, client: StreamReader, server: StreamReader
    ) -> None:
        self._connections.add(connection)
        await connection.until_either_ends(
            self._pump(connection, client, connection.to_server),
            self._pump(connection, server, connection.to_client),
        )
        self._connections.discard(connection)

    async def _pump(self, connection: Connection, reader: StreamReader, lane: Lane) -> None:
        while (frame := await frame_from(reader)) is not None:
            if (held := self._held.get(connection.group)) is not None:
                await held.wait()
            if await self._interference.cuts_at(frame, connection.group):
                connection.cut()
                return
            with suppress(ConnectionError):  # the other pump notices
                await lane.send(frame.encoded, self._delay_s)

    def _heal(self) -> None:
        self._refuses, self._delay_s = False, 0.0
        self._interference.end()
        for held in self._held.values():
            held.set()
        self._held.clear()

    def _sever(self, group: str | None) -> int:
        meant = [one for one in self._connections if group in (None, one.group)]
        for connection in meant:
            connection.cut()
        return len(meant)

    def _do(self, act: Callable[[], T]) -> T:
        async def done() -> T:
            return act()

        return done_in(self._loop, done())


@contextmanager
def proxied(server: Path, host: str = "127.0.0.1", port: int = 0) -> Iterator[Proxy]:
    """A proxy before the server whose Unix socket this is; port 0 lets the system choose."""
    with background_loop("proxy") as loop:
        proxy = Proxy(server, loop)
        listener = done_in(loop, proxy.listen(host, port))
        try:
            yield proxy
        finally:
            done_in(loop, proxy.close(listener))

"""uvicorn that says goodbye first: told to stop, it lets go of its clients one answer at a time.

From the signal on readiness says no and every answer ends its connection, so that clients and
balancers go elsewhere by themselves. What is still open after a while nobody seems to use.
"""

import asyncio
import os
import socket
from types import FrameType

import uvicorn

from api.operations.condition import Condition
from api.sparing import SparingProtocol

ACCEPTS = 16  # uvloop takes one connection a turn from each handle, and a busy turn is long
GOODBYE_S = 5.0  # a connection closed while its client begins to send looks like a failure
LOOK_S = 0.1


class DrainingServer(uvicorn.Server):
    """`shared` sockets are listened to by others as well, who take what arrives from now on.

    Writes a byte to `ready_fd`, if given, once it listens.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        condition: Condition,
        shared: socket.socket | None = None,
        ready_fd: int | None = None,
    ) -> None:
        super().__init__(config)
        self._condition = condition
        self._shared = shared
        self._ready_fd = ready_fd
        self.loop: asyncio.AbstractEventLoop | None = None

    def run_until_told(self) -> None:
        listener = self._shared or self.config.bind_socket()
        self.run(sockets=[listener, *(listener.dup() for _ in range(ACCEPTS - 1))])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        if self._ready_fd is not None:
            os.write(self._ready_fd, b"!")
            os.close(self._ready_fd)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.loop is None or self._condition.draining:  # too early, or impatient
            super().handle_exit(sig, frame)
            return
        self._condition.draining = True
        self.loop.call_soon_threadsafe(self._say_goodbye, sig, self.loop)

    def _say_goodbye(self, sig: int, loop: asyncio.AbstractEventLoop) -> None:
        if self._shared is not None:
            for server in self.servers:
                server.close()
        for connection in self.server_state.connections:
            assert isinstance(connection, SparingProtocol)
            connection.say_goodbye()
        self._leave(sig, loop, loop.time() + GOODBYE_S)

    def _leave(self, sig: int, loop: asyncio.AbstractEventLoop, latest: float) -> None:
        """As soon as nobody is left and nobody can come."""
        is_alone = self._shared is not None and not self.server_state.connections
        if is_alone or loop.time() > latest:
            super().handle_exit(sig, None)
        else:
            loop.call_later(LOOK_S, self._leave, sig, loop, latest)

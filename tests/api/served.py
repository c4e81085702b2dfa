"""A Front served over HTTP in this process, by a thread of its own."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import uvicorn
from starlette.types import Receive, Scope, Send

from api.draining import DrainingServer
from api.front import Front
from api.operations.condition import Condition
from api.operations.counts import Counts
from api.room import Room
from api.sparing import SparingProtocol

ENDS_S = 20.0
PLENTY = 100


class Application:
    """Takes all of a request and answers with its name, once it may."""

    def __init__(self, name: str = "") -> None:
        self._name = name.encode()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.asked = threading.Semaphore(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.asked.release()
        while not self.may_answer.is_set():  # noqa: ASYNC110 - another thread sets it
            await asyncio.sleep(0.001)
        headers = [(b"content-length", b"%d" % len(self._name))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._name})


class Served:
    """`counts` and `condition` are the Front's own."""

    def __init__(self, name: str, room: int, shared: socket.socket | None) -> None:
        self.application = Application(name)
        self.condition, self.counts = Condition(), Counts()
        front = Front(
            self.application, self.application, self.counts, self.condition, Room(room), Room(room)
        )
        config = uvicorn.Config(
            front,
            port=0,
            http=SparingProtocol,
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )
        own = shared.dup() if shared is not None else None  # a server closes what it listens to
        self._ready, said = os.pipe()
        self._server = DrainingServer(config, self.condition, own, said)
        self._thread = threading.Thread(target=self._server.run_until_told)
        self._clients: list[HTTPConnection] = []

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._server.servers[0].sockets[0].getsockname()
        return host, port

    def client(self) -> HTTPConnection:
        """Connected, and closed at the end."""
        client = HTTPConnection(*self.address, timeout=ENDS_S)
        client.connect()
        self._clients.append(client)
        return client

    def turns_to_let_in(self, count: int) -> int:
        """How often the loop turns until so many are connected who came while it was busy."""
        loop, state = self._server.loop, self._server.server_state
        assert loop is not None
        asked, free, let_in = threading.Event(), threading.Event(), threading.Event()
        turns = 0

        def turn() -> None:
            nonlocal turns
            turns += 1
            if len(state.connections) < count:
                loop.call_soon(turn)
            else:
                let_in.set()

        def be_busy() -> None:
            asked.set()
            free.wait(ENDS_S)
            turn()

        loop.call_soon_threadsafe(be_busy)
        assert asked.wait(ENDS_S)
        for _ in range(count):
            self.client()
        free.set()
        assert let_in.wait(ENDS_S)
        return turns

    def start(self) -> None:
        self._thread.start()
        assert os.read(self._ready, 1) == b"!"
        os.close(self._ready)

    def tell_to_stop(self) -> None:
        """As the signal's handler does."""
        self._server.handle_exit(signal.SIGTERM, None)

    def end(self) -> None:
        for client in self._clients:
            client.close()
        self.application.may_answer.set()
        self.tell_to_stop()
        self.tell_to_stop()  # at once
        assert self.has_ended()

    def has_ended(self) -> bool:
        """Waits for it, for a while."""
        self._thread.join(ENDS_S)
        return not self._thread.is_alive()


@contextmanager
def served(
    name: str = "", room: int = PLENTY, shared: socket.socket | None = None
) -> Iterator[Served]:
    """With a `shared` socket it is not the only one who listens."""
    running = Served(name, room, shared)
    running.start()
    try:
        yield running
    finally:
        running.end()

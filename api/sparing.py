"""uvicorn's HTTP, which turns a request away before an application is called for it.

That costs a third of doing so in ASGI, and is done when there is least to spend: under five times
the load that we can serve, four requests of five end here.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from api.errors import Problem
from api.front import BUSY, DISK_FULL, Front
from api.room import Room


class SparingProtocol(HttpToolsProtocol):
    """One connection to a `Front`. What is unusual about a request is left to uvicorn.

    Once the process is told to stop, the connection ends with its next answer.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(self.app, Front)
        self._front = self.app
        self._room: Room | None = None  # that its request was let into
        self._refusal: Problem | None = None

    def say_goodbye(self) -> None:
        """To the client whose answer is under way; who asks later is told then."""
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def on_headers_complete(self) -> None:
        self._refusal = self._refused() if self._is_plain() else None
        if self._refusal is None:
            self._come_in()
            super().on_headers_complete()
            if self._front.condition.draining:
                self.say_goodbye()

    def on_body(self, body: bytes) -> None:
        if self._refusal is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._refusal is None:
            super().on_message_complete()
            return
        self.transport.write(_WRITTEN[self._refusal.code])
        self._refusal = None
        self.on_response_complete()

    def on_response_complete(self) -> None:
        self._go()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._go()
        super().connection_lost(exc)

    def _refused(self) -> Problem | None:
        path = self.url.partition(b"?")[0].decode("latin-1")
        at_the_door = len(self._front.room_for(self._method).at_the_door)
        return self._front.refusal(self._method, path, at_the_door)

    def _come_in(self) -> None:
        self._go()  # where one request was sent before the other was answered
        self._room = self._front.room_for(self._method)
        self._room.at_the_door.add(self)

    def _go(self) -> None:
        if self._room is not None:
            self._room.at_the_door.discard(self)
            self._room = None

    @property
    def _method(self) -> str:
        return self.parser.get_method().decode("ascii")

    def _is_plain(self) -> bool:
        """Whether the answer is all there is to do: the connection stays, nothing is under way."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and self.parser.should_keep_alive()
            and not self.expect_100_continue
            and not self.parser.should_upgrade()
            and not self.flow.write_paused
            and not self._front.condition.draining
            and self.parser.get_method() != b"HEAD"
        )


def _written(refusal: Problem) -> bytes:
    response = refusal.response()
    lines = [f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}".encode()]
    lines += [b"%b: %b" % header for header in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])


_WRITTEN = {refusal.code: _written(refusal) for refusal in (BUSY, DISK_FULL)}

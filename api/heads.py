"""An end to what nobody reads: heads of requests beyond a size or a time, bodies after the answer.

uvicorn reads a request line and headers of any length, for as long as somebody cares to send them:
60 MB of short headers cost 800 MB and three seconds in which nobody else is served.
"""

import asyncio
from typing import cast

from api.sparing import SparingProtocol

MAX_HEAD = 64 * 1024  # bytes; Shopify's deliveries have about one thousand
PATIENCE_S = 10.0  # for a head once its connection is there, or once it has begun
MAX_SKIPPED = 64 * 1024 * 1024  # bytes of a body that was refused; then the connection ends
TOO_LONG = "Request head too long."


class HeadTooLong(Exception):
    """Ends the parsing; uvicorn answers 400 and closes the connection."""


class BoundedProtocol(SparingProtocol):
    """One connection. `_loose` are the bytes that came since the last one of a body."""

    _loose = 0
    _skipped = 0
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._await_no_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._loose += len(data)
        super().data_received(data)
        if self._loose > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response(TOO_LONG)

    def on_message_begin(self) -> None:
        if self._patience is None:
            self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._await_no_head()
        self._skipped = 0
        if self._loose > MAX_HEAD and self._head() > MAX_HEAD:
            raise HeadTooLong
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._loose = 0
        if self.cycle is not None and self.cycle.response_complete:
            self._skip(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._loose = 0
        super().on_message_complete()

    def _skip(self, size: int) -> None:
        self._skipped += size
        if self._skipped > MAX_SKIPPED:
            self.transport.close()

    def _head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _await_head(self) -> None:
        self._patience = self.loop.call_later(PATIENCE_S, self.transport.close)

    def _await_no_head(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

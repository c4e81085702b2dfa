"""As much of PostgreSQL's protocol (version 3) as it takes to see a transaction begin and end."""

import struct
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from enum import Enum, auto
from typing import NamedTuple

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
LENGTH = struct.Struct("!i")
NO = b"N"  # neither TLS nor GSSAPI


class Moment(Enum):
    """A point in a transaction's life at which somebody may interfere."""

    BEGIN = auto()  # the client wants to begin; the server does not know yet
    COMMIT = auto()  # the client wants to commit; the server does not know yet
    COMMITTED = auto()  # it is durable; the client does not know yet


class Frame(NamedTuple):
    kind: bytes
    body: bytes

    @property
    def encoded(self) -> bytes:
        return self.kind + LENGTH.pack(len(self.body) + LENGTH.size) + self.body


class Greeting(NamedTuple):
    """What a client says first: who it is, or that a query of another one shall be cancelled."""

    encoded: bytes
    group: str  # its application_name


async def frame_from(reader: StreamReader) -> Frame | None:
    """None at the end of the stream."""
    try:
        head = await reader.readexactly(1 + LENGTH.size)
        body = await reader.readexactly(LENGTH.unpack(head[1:])[0] - LENGTH.size)
    except (IncompleteReadError, ConnectionError):
        return None
    return Frame(head[:1], body)


async def greeting_from(reader: StreamReader, writer: StreamWriter) -> Greeting | None:
    """After saying no to encryption, however often it is asked for."""
    try:
        while True:
            head = await reader.readexactly(LENGTH.size)
            body = await reader.readexactly(LENGTH.unpack(head)[0] - LENGTH.size)
            if LENGTH.unpack(body[: LENGTH.size])[0] not in (SSL_REQUEST, GSS_REQUEST):
                return Greeting(head + body, _application(body[LENGTH.size :]))
            writer.write(NO)
    except (IncompleteReadError, ConnectionError):
        return None


def _application(parameters: bytes) -> str:
    words = parameters.split(b"\0")
    named = dict(zip(words[::2], words[1::2], strict=False))
    return named.get(b"application_name", b"").decode()


def moment_of(frame: Frame) -> Moment | None:
    """The moment that a frame of either side brings about, if any."""
    match frame.kind:
        case b"Q":
            said = frame.body.rstrip(b"\0; ").upper()
        case b"P":  # the extended protocol: a statement's name, then its text
            said = frame.body.split(b"\0")[1].rstrip(b"; ").upper()
        case b"C" if frame.body == b"COMMIT\0":  # from the server; a client's C names a statement
            return Moment.COMMITTED
        case _:
            return None
    if said == b"COMMIT":
        return Moment.COMMIT
    return Moment.BEGIN if said.startswith(b"BEGIN") else None

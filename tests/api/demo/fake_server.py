"""A server on 127.0.0.1 that says what a test wants it to say."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Struct


class Request(Struct):
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]  # names in lower case
    body: bytes


class Answer(Struct):
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = {}


Handler: TypeAlias = Callable[[Request], Answer]


def said(value: object, status: int = 200) -> Answer:
    return Answer(status, msgspec.json.encode(value))


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Yields the address to ask."""
    conversations: dict[asyncio.StreamWriter, asyncio.Event] = {}

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations[writer] = over = asyncio.Event()
        try:
            while request := await _request(reader):
                writer.write(_response(handler(request)))
                await writer.drain()
        finally:
            writer.close()
            over.set()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()
        for writer, over in conversations.items():
            writer.close()
            await over.wait()
        await server.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    target = urlsplit(first.split()[1])
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(target.path, parse_qs(target.query), headers, body)


def _response(answer: Answer) -> bytes:
    headers = {"Content-Length": str(len(answer.body)), **answer.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
    return f"{status}{head}\r\n".encode() + answer.body

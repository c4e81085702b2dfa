"""What comes before a body has an end; bodies have their own."""

import socket
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from api import heads
from api.heads import MAX_HEAD, BoundedProtocol
from tests.api import served as serving
from tests.api.served import Served, served

LINE = b"POST /webhooks/shopify HTTP/1.1\r\nHost: shop\r\n"
NO_BODY = [(b"content-length", b"0")]
END = b"Connection: close\r\n\r\n"
CHUNKED = LINE + b"Transfer-Encoding: chunked\r\n" + END


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(serving, "SparingProtocol", BoundedProtocol)
    with served("us") as running:
        yield running


def said_to(place: Served, *parts: bytes) -> bytes:
    """Everything until the server ends the connection, or the end it made of it."""
    with socket.create_connection(place.address, timeout=10) as client:
        try:
            for part in parts:
                client.sendall(part)
            return b"".join(iter(lambda: client.recv(65_536), b""))
        except ConnectionError:
            return b""  # the server did not read on, so its answer may be lost


LONG = [
    pytest.param([LINE + b"X: " + b"x" * MAX_HEAD + b"\r\n" + END], id="one header"),
    pytest.param([LINE + b"X: x\r\n" * (MAX_HEAD // 2) + END], id="many headers"),
    pytest.param([LINE, *([b"X: " + b"x" * 8_000 + b"\r\n"] * 1_000), END], id="header by header"),
    pytest.param([LINE + b"X: ", *([b"x" * 8_000] * 1_000), END], id="bit by bit"),
    pytest.param([b"POST /" + b"a" * 70_000 + LINE[5:], END], id="an address"),
    pytest.param([b"POST /", *([b"a" * 8_000] * 1_000), LINE[5:] + END], id="an endless address"),
    pytest.param([CHUNKED + b"1\r\nx\r\n0\r\n", *([b"X: x\r\n" * 2_000] * 50)], id="trailers"),
]


@pytest.mark.parametrize("parts", LONG)
def test_a_head_without_end_is_ended(place: Served, parts: list[bytes]) -> None:
    answer = said_to(place, *parts)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 "), answer[:100]
    assert said_to(place, LINE + b"Content-Length: 0\r\n" + END).startswith(b"HTTP/1.1 200 ")


def test_a_head_of_nearly_64_kb_is_read(place: Served) -> None:
    head = LINE + b"X: " + b"x" * (MAX_HEAD - 200) + b"\r\nContent-Length: 0\r\n" + END
    assert said_to(place, head).startswith(b"HTTP/1.1 200 ")


def test_bodies_are_as_long_as_they_are(place: Served) -> None:
    long = LINE + b"Content-Length: 3000000\r\n" + END + b" " * 3_000_000
    assert said_to(place, long).startswith(b"HTTP/1.1 200 ")
    small_chunks = CHUNKED + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n"
    assert said_to(place, small_chunks).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_is_not_wanted_is_heard_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SparingProtocol", BoundedProtocol)
    with served(room=0) as place:
        client = place.client()
        client.request("POST", "/webhooks/shopify", b" " * 1_000_000)
        assert client.getresponse().status == 503


@pytest.mark.parametrize("begun", [b"", LINE, LINE + b"X-Slow: "])
def test_a_head_that_does_not_come_is_not_waited_for(
    place: Served, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(heads, "PATIENCE_S", 0.1)
    assert said_to(place, begun) == b""


def test_an_answer_that_takes_longer_is_waited_for(
    place: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "PATIENCE_S", 0.05)
    place.application.may_answer.clear()
    client = place.client()
    client.request("POST", "/webhooks/shopify", b"{}")
    place.application.asked.acquire()
    assert said_to(place, LINE) == b"", "meanwhile others were given up"
    place.application.may_answer.set()
    assert client.getresponse().status == 200


def test_a_body_after_the_answer_is_skipped_but_not_for_ever(
    place: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_: object, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": NO_BODY})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr(serving.Application, "__call__", at_once)
    client = place.client()
    client.request("POST", "/webhooks/shopify", b" " * 1_000_000)
    refused = client.getresponse()
    assert refused.status == 413
    refused.read()
    client.request("POST", "/webhooks/shopify", b"{}")
    assert client.getresponse().status == 413, "on the same connection"
    monkeypatch.setattr(heads, "MAX_SKIPPED", 100_000)
    endless = [
        LINE + b"Transfer-Encoding: chunked\r\n\r\n",
        *([b"8000\r\n" + b" " * 0x8000 + b"\r\n"] * 1_000),
    ]
    assert len(said_to(place, *endless)) < 1_000

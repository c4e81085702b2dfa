"""Bytes that are no HTTP, or HTTP that lies: the server closes or says 4xx, and goes on serving."""

import random
import socket

import httpx
import pytest

from api.serve import Server
from tests.cluster.delivering import Shop
from tests.places import NO_TLS

pytestmark = pytest.mark.cluster
PATIENCE_S = 0.5  # for an answer that need not come
ASK = b"GET /healthz HTTP/1.1\r\nHost: shop\r\n"
END = b"\r\n"
SMUGGLED = b"GET /v1/profiles HTTP/1.1\r\nHost: shop\r\n\r\n"


def posted(*lines: bytes, body: bytes = b"{}") -> bytes:
    """A command with these headers and no key."""
    head = (b"POST /v1/commands HTTP/1.1", b"Host: shop", *lines, b"", b"")
    return b"\r\n".join(head) + body


NO_HTTP = {
    "nothing": b"",
    "blank lines": b"\r\n\r\n\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3.7": b"GET / HTTP/3.7\r\nHost: shop\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(190),
    "random bytes": random.Random(1).randbytes(4_000),  # noqa: S311 - not a secret
    "NUL": bytes(4_000),
    "JSON": b'{"type": "SetContact"}\r\n\r\n',
    "an unknown method": b"BREW /healthz HTTP/1.1\r\nHost: shop\r\n\r\n",
    "a method in small letters": b"get /healthz HTTP/1.1\r\nHost: shop\r\n\r\n",
    "line feeds alone": b"GET /healthz HTTP/1.1\nHost: shop\n\n",
    "a folded header": ASK + b"X: a\r\n b\r\n\r\n",
    "a header without a colon": ASK + b"nonsense\r\n\r\n",
    "a header without a name": ASK + b": nonsense\r\n\r\n",
    "a blank before the colon": ASK + b"X : a\r\n\r\n",
    "NUL in a header": ASK + b"X: a\0b\r\n\r\n",
    "an address of 70 KB": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n",
    "an address that is no ASCII": b"GET /\xc3\xbc HTTP/1.1\r\nHost: shop\r\n\r\n",
    "a host to connect to": b"CONNECT shop:80 HTTP/1.1\r\nHost: shop\r\n\r\n",
}
LIES = {
    "a negative length": posted(b"Content-Length: -5"),
    "a length in words": posted(b"Content-Length: two"),
    "a length beyond 64 bits": posted(b"Content-Length: " + b"9" * 30),
    "a length of 5,000 digits": posted(b"Content-Length: " + b"9" * 5_000),
    "two lengths": posted(b"Content-Length: 2", b"Content-Length: 3"),
    "a list of lengths": posted(b"Content-Length: 2, 2"),
    "a length and chunks": posted(
        b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "chunks and a length": posted(
        b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "chunks of another name": posted(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "chunks not last": posted(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "chunks before a colon": posted(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "no size of a chunk": posted(b"Transfer-Encoding: chunked", body=b"ZZ\r\n{}\r\n0\r\n\r\n"),
    "a chunk beyond 64 bits": posted(b"Transfer-Encoding: chunked", body=b"F" * 20 + b"\r\n{}"),
    "a chunk longer than its size": posted(
        b"Transfer-Encoding: chunked", body=b"1\r\n{}\r\n0\r\n\r\n"
    ),
    "a negative chunk": posted(b"Transfer-Encoding: chunked", body=b"-1\r\n{}\r\n0\r\n\r\n"),
}
STRANGE = {
    "a header of 64 KB": ASK + b"X: " + b"a" * 65_536 + b"\r\n\r\n",
    "20,000 headers": ASK + b"X: a\r\n" * 20_000 + END,
    "a key of 64 KB": posted(b"Authorization: Bearer " + b"a" * 65_536, b"Content-Length: 2"),
    "a body shorter than its length": posted(b"Content-Length: 2000000"),
    "chunks that stop": posted(b"Transfer-Encoding: chunked", body=b"2\r\n{}"),
    "a body longer than its length": posted(b"Content-Length: 2", body=b"{}GARBAGE\r\n\r\n"),
    "a length beyond all limits": posted(b"Content-Length: 9223372036854775807"),
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "an address of another host": b"GET http://evil/healthz HTTP/1.1\r\nHost: shop\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n",
    "a way up": b"GET /../../etc/passwd HTTP/1.1\r\nHost: shop\r\n\r\n",
    "a websocket": ASK + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "HTTP/2 over this": ASK + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
    "an expectation": posted(b"Expect: 999-nonsense", b"Content-Length: 2"),
    "chunks in HTTP/1.0": posted(b"Transfer-Encoding: chunked").replace(b"/1.1", b"/1.0", 1),
    "a thousand questions at once": ASK + END + (ASK + END) * 999,
}


@pytest.mark.parametrize("name", [*NO_HTTP, *LIES])
def test_what_is_no_http_is_refused(server: Server, name: str) -> None:
    answer = answered(server, (NO_HTTP | LIES)[name])
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:100]
    assert answer.count(b"HTTP/1.1 ") <= 1, "nothing was smuggled in"
    assert httpx.get(f"{server.url}/healthz", verify=NO_TLS).status_code == 200


@pytest.mark.parametrize("name", STRANGE)
def test_strange_http_is_answered_or_refused(server: Server, name: str) -> None:
    answer = answered(server, STRANGE[name])
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:100]
    assert httpx.get(f"{server.url}/healthz", verify=NO_TLS).status_code == 200


@pytest.mark.parametrize("size", [3_000_000, 30_000_000])
def test_a_body_that_is_too_large_is_told_so_and_not_waited_for(shop: Shop, size: int) -> None:
    for body in (b" " * size, iter([b" " * 65_536] * (size // 65_536))):
        answer = httpx.post(f"{shop.url}/webhooks/shopify", content=body, timeout=20, verify=NO_TLS)
        assert answer.status_code == 413


def answered(server: Server, request: bytes) -> bytes:
    """What the server says until it closes, or has nothing more to say."""
    said = b""
    address = (server.settings.host, server.settings.port)
    with socket.create_connection(address, timeout=PATIENCE_S) as client:
        try:
            client.sendall(request)
            while part := client.recv(65_536):
                said += part
        except (TimeoutError, ConnectionError):
            return said
    return said

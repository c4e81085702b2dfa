"""`requests` over the product in one process: what schemathesis sends never meets a socket."""

from collections import Counter
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter

from tests.fuzz.world import World, signed

BASE = "http://product"
SIGNED = {"x-shopify-hmac-sha256", "x-shopify-shop-domain"}


class InProcess(BaseAdapter):
    """Signs every second delivery rightly; counts the answers by their status."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.answers: Counter[int] = Counter()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        target, body = urlsplit(request.url or ""), _bytes(request.body)
        headers = {name.lower(): _wire(value) for name, value in request.headers.items()}
        if headers.keys() >= SIGNED and self.answers.total() % 2:
            headers |= {name.decode(): value for name, value in signed("orders/create", body)}
        answer = self._world.call(
            request.method or "",
            f"{target.path}?{target.query}",
            [(name.encode(), value) for name, value in headers.items()],
            body,
        )
        self.answers[answer.status] += 1
        return _response(request, answer.status, answer.headers, answer.body)

    def session(self) -> requests.Session:
        made = requests.Session()
        made.trust_env = False
        made.mount(BASE, self)
        return made

    def close(self) -> None:
        """Nothing is open."""


def _wire(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def _response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    raw = urllib3.HTTPResponse(BytesIO(body), headers, status, preload_content=False)
    made = requests.Response()
    made.status_code, made.headers = status, requests.structures.CaseInsensitiveDict(headers)
    made.raw, made.request, made.url = raw, request, request.url or ""
    made._content = body
    return made

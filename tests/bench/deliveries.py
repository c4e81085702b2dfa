"""Signed webhooks, ready to be sent, in a file: one for each request, never one twice."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

from api.demo.bench import bench_orders
from api.demo.webhooks import Signed
from api.intake.hooks import PATH
from tests.bench.place import SECRET, SHOP

CHUNK = 2_500  # requests of one seed
PROCESSES = 2
ID_HEADER = "X-Shopify-Webhook-Id"


Chunk = Callable[[int, int], tuple[bytes, list[str]]]


class Deliveries:
    """Every seed gives other orders of the same shoppers; `ids` are the webhooks' in order.

    `chunk` makes the framed requests, and their ids, of a seed and so many customers.
    """

    def __init__(self, file: Path, customers: int, chunk: Chunk | None = None) -> None:
        self.file = file
        self.ids: list[str] = []
        self._customers = customers
        self._chunk = chunk or _chunk
        self._seeds = iter(range(1, 10_000))
        file.touch()

    def begin_with(self, requests: Sequence[bytes]) -> None:
        """Framed ones that come before all orders."""
        with self._appending() as out:
            out.writelines(requests)
        self.ids += [""] * len(requests)

    def grow_to(self, count: int) -> None:
        """At least so many in all."""
        chunks = -(-(count - len(self.ids)) // CHUNK)
        if chunks <= 0:
            return
        seeds = [next(self._seeds) for _ in range(chunks)]
        context = get_context("spawn")  # a fork would copy the progress display's thread half
        with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool, self._appending() as out:
            for requests, ids in pool.map(self._chunk, seeds, [self._customers] * chunks):
                out.write(requests)
                self.ids += ids

    def _appending(self) -> BinaryIO:
        return self.file.open("ab")


def framed(signed: Signed, path: str = PATH) -> bytes:
    """A whole HTTP request behind its length in eight digits."""
    headers, body = signed
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return b"%08d" % len(request) + request


def orders(count: int, customers: int, seed: int) -> Iterator[bytes]:
    """The same orders without their envelopes, for the back-fill."""
    return (body for _, body in bench_orders(count, customers, seed, SHOP, SECRET))


def _chunk(seed: int, customers: int) -> tuple[bytes, list[str]]:
    signed = list(bench_orders(CHUNK, customers, seed, SHOP, SECRET))
    return b"".join(map(framed, signed)), [headers[ID_HEADER] for headers, _ in signed]

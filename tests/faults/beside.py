"""What goes on beside something else, for as long as that lasts: looking, sending."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests.faults.client import Client
from tests.faults.traffic import Sending, Traffic

T = TypeVar("T")


@contextmanager
def repeatedly(look: Callable[[], T], every_s: float) -> Iterator[list[T]]:
    """What `look` saw, every so often and once at the end; an error of its own ends the looking
    and is raised when the block ends."""
    seen: list[T] = []
    errors: list[Exception] = []
    over = threading.Event()

    def watch() -> None:
        try:
            while not over.wait(every_s):
                seen.append(look())
            seen.append(look())
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=watch, name="beside")
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
    if errors:
        raise errors[0]


@contextmanager
def under_load(client: Client, traffic: Traffic, per_s: float | None = None) -> Iterator[None]:
    """Sends ever more until the block ends, and then waits for the answers."""
    over = threading.Event()

    def sendings() -> Iterator[Sending]:
        while not over.is_set():
            yield from traffic.take(1)

    with client.sending(sendings(), per_s):
        try:
            yield
        finally:
            over.set()

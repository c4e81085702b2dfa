"""Doing one thing in a thread while another is done here."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def alongside(act: Callable[[], None]) -> Iterator[None]:
    """The block ends when `act` has come to its end, and raises what that raised."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failures.append(error)

    thread = threading.Thread(target=run, name="client")
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failures:
        raise failures[0]

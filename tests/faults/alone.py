"""An API process on a port of its own, beside a running server: as behind a balancer."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from config.children import start_child
from tests.faults.place import Place
from tests.faults.serving import is_ready
from tests.faults.waiting import until
from tests.places import free_port

STARTS_S = 60.0
ENDS_S = 20.0
LAST_LINES = 40


@contextmanager
def another_api(
    place: Place, folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[tuple[str, psutil.Process]]:
    """Its address and itself, ready. It joins the server's database and Ray.

    Killed in the end: told to stop, it would wait some seconds for clients that may still come.
    """
    port = free_port()
    theirs = place.apis()[0].environ()
    environment = {**theirs, "C360_PORT": str(port), **(variables or {})}
    url, log = f"http://127.0.0.1:{port}", folder / "another-api.log"
    child = start_child([sys.executable, "-m", "api.server"], log, environment)
    try:
        _until_ready(url, log)
        yield url, psutil.Process(child.pid)
    finally:
        child.kill()
        child.wait(ENDS_S)


def _until_ready(url: str, log: Path) -> None:
    try:
        until(lambda: is_ready(url), STARTS_S, "no API process")
    except TimeoutError as late:
        last = "\n".join(log.read_text().splitlines()[-LAST_LINES:])
        raise TimeoutError(f"{late}; its last words:\n{last}") from late

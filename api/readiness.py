"""Readiness as the supervisor sees it, and whether Ray has lost the hosts for good."""

import ssl
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

TIMEOUT_S = 4.0
EVERY_S = 5.0
PATIENCE_S = 30.0  # Ray restarts a host in seconds; after this we do not count on it any more
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # else each question reads all certificates first
COMING_S = 90.0  # a new Ray with new hosts takes some ten, or a minute on a busy machine


def parts(url: str) -> dict[str, bool]:
    """What /readyz says of each part; one named `api` that is not where nobody answers."""
    with suppress(httpx.HTTPError, ValueError, KeyError):
        told = httpx.get(f"{url}/readyz", timeout=TIMEOUT_S, verify=NO_TLS).json()["parts"]
        return {part: found["ready"] for part, found in told.items()}
    return {"api": False}


class HostsWatch:
    """Asks now and then, in a thread of its own, because nobody may wait for the answer."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lost_since: float | None = None
        self._coming_until = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="hosts-watch", daemon=True)

    def are_coming(self) -> None:
        """They are being created: for so long nobody misses them."""
        self._coming_until = time.monotonic() + COMING_S

    def are_gone(self) -> bool:
        """Whether for a long time hosts did not answer while the database did. Says so once."""
        since = self._lost_since
        if since is None or time.monotonic() < max(since + PATIENCE_S, self._coming_until):
            return False
        self._lost_since = None
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(EVERY_S):
            found = parts(self._url)
            if found.get("hosts", True) or not found.get("database"):
                self._lost_since = None
            else:
                self._lost_since = self._lost_since or time.monotonic()

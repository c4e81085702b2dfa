"""Waiting for something to become true, but not for ever."""

import time
from collections.abc import Callable

PAUSE_S = 0.05


def until(holds: Callable[[], bool], patience_s: float, complaint: str) -> float:
    """Returns how many seconds it took. Raises TimeoutError with the complaint."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > patience_s:
            raise TimeoutError(f"{complaint} after {patience_s:.0f} s")
        time.sleep(PAUSE_S)
    return time.monotonic() - started

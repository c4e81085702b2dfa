"""A careless library in every process of a server: it tells in every way what it knows of somebody.

Placed as `sitecustomize.py` in a folder of PYTHONPATH. What it tells is in `secret` beside it.
"""

import asyncio
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Never

PAUSE_S = 0.1
SETTLES_S = 30.0  # a process that has not said by then how it logs will not


def _wait_and_tell() -> None:
    secret = Path(__file__).with_name("secret").read_text()
    if _is_there("structlog", "is_configured") and _is_set_up():
        _tell(secret)
        if _is_there("actors.hosting", "Hosting"):
            _fail_once(sys.modules["actors.hosting"], secret)


def _is_there(module: str, name: str) -> bool:
    return _until(lambda: hasattr(sys.modules.get(module), name))


def _is_set_up() -> bool:
    return _until(lambda: bool(sys.modules["structlog"].is_configured()))


def _until(holds: Callable[[], bool]) -> bool:
    for _ in range(int(SETTLES_S / PAUSE_S)):
        time.sleep(PAUSE_S)
        if holds():
            return True
    return False


def _tell(secret: str) -> None:
    import structlog

    log = structlog.get_logger()
    log.warning("delivered", email=secret, part=secret, code=secret, error=ValueError(secret))
    log.warning(f"hello {secret}")
    log.warning("hello %s", secret)
    library = logging.getLogger("careless")
    library.error("got %s", secret)
    library.error("got " + secret)
    try:
        _refuse(secret)
    except ValueError:
        library.exception("not %s", secret)
        log.exception("not_taken")
    warnings.warn(secret, stacklevel=1)
    threading.Thread(target=_refuse, args=(secret,), name=secret).start()
    asyncio.run(_forget(secret))


def _fail_once(module: Any, secret: str) -> None:
    """The next batch ends with an error that Ray carries to whoever sent it."""
    rightly = module.Hosting.apply

    def apply(hosting: object, batch: bytes) -> bytes:
        module.Hosting.apply = rightly
        logging.getLogger("careless.host").error("fails")
        _refuse(secret)

    module.Hosting.apply = apply


async def _forget(secret: str) -> None:
    """A task that fails and that nobody looks at."""
    task = asyncio.create_task(asyncio.to_thread(_refuse, secret), name=secret)
    await asyncio.wait({task})
    del task


def _refuse(secret: str) -> Never:
    raise ValueError(secret)


threading.Thread(target=_wait_and_tell, name="careless", daemon=True).start()

"""An event loop in a thread of its own, for wires that must go on while a test waits."""

import asyncio
import threading
from asyncio import AbstractEventLoop
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

PATIENCE_S = 30.0
T = TypeVar("T")


@contextmanager
def background_loop(name: str) -> Iterator[AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=name)
    thread.start()
    try:
        yield loop
    finally:
        done_in(loop, _cancelled())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def done_in(loop: AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """The work's result, from any other thread."""
    return asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE_S)


async def _cancelled() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

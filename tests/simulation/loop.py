"""An event loop with a clock of its own: nobody ever really waits, and every run is the same."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context, ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class Stalled(Exception):
    """Everybody waits for somebody else, so nothing can ever happen again."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Where a real loop sleeps until the next moment something is due, this one jumps there."""

    def __init__(self) -> None:
        super().__init__()
        self._moment = 0.0
        self._selector = self  # the loop asks its selector to wait for whatever comes first
        self.set_task_factory(_made)

    def time(self) -> float:
        return self._moment

    def select(self, timeout: float | None) -> list[object]:
        """Nothing ever comes from outside."""
        if timeout is None:
            raise Stalled
        self._moment += timeout
        return []

    def _process_events(self, events: list[object]) -> None:
        assert not events

    def _write_to_self(self) -> None:
        """A real loop is woken so by other threads; ours run only while it looks on."""


class Tasks:
    """What one simulated process has under way; all of it ends when the process dies."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def start(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """A task of this process, whoever starts it; those that it makes are of this one, too."""
        context = Context()
        context.run(_TASKS.set, self)
        return asyncio.get_running_loop().create_task(work, context=context)

    def add(self, task: "asyncio.Task[Any]") -> None:
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)

    def end(self) -> None:
        for task in list(self._tasks):
            task.cancel()


_TASKS: ContextVar[Tasks | None] = ContextVar("the process that runs", default=None)


def _made(
    loop: asyncio.AbstractEventLoop, work: Any, context: Context | None = None, **more: Any
) -> "asyncio.Task[Any]":
    task = asyncio.Task(work, loop=loop, context=context, **more)
    tasks = _TASKS.get() if context is None else context.get(_TASKS)
    if tasks is not None:
        tasks.add(task)
    return task

"""A host as the gateway calls it: found by name, and found again when it was replaced."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from actors.cluster import host_name
from actors.line import HostLost

CALL_TIMEOUT_S = 15.0  # a batch that takes longer is taken for lost; its ids make that safe
STATS_TIMEOUT_S = 2.0  # who asks has little patience, and wants to know which host it is
FIND_TIMEOUT_S = 3.0  # Ray's directory may be down while the hosts themselves work


class RayHost:
    def __init__(self, number: int, namespace: str) -> None:
        self._name = host_name(number)
        self._namespace = namespace
        self._handle: Any = None
        self._looking: asyncio.Future[Any] | None = None

    async def apply(self, batch: bytes) -> bytes:
        answer: bytes = await self._call("apply", CALL_TIMEOUT_S, batch)
        return answer

    async def stats(self) -> dict[str, Any]:
        answer: dict[str, Any] = await self._call("stats", STATS_TIMEOUT_S)
        return answer

    async def _call(self, method: str, patience_s: float, *arguments: object) -> Any:
        import ray

        try:
            handle = self._handle or await self._found()
            return await asyncio.wait_for(getattr(handle, method).remote(*arguments), patience_s)
        except (ray.exceptions.RayError, ValueError, TimeoutError) as error:
            if isinstance(error, ray.exceptions.ActorDiedError):  # for good: another bears its name
                self._handle = None
            raise HostLost(f"{self._name}: {type(error).__name__}") from error

    async def _found(self) -> Any:
        """The look-up blocks for as long as Ray's directory does: one at a time, and no waiting
        for it longer than for a moment. One that comes late serves the next caller."""
        looking = self._looking = self._looking or _in_thread(self._look_up)
        await asyncio.wait({looking}, timeout=FIND_TIMEOUT_S)
        if not looking.done():
            raise TimeoutError
        self._looking = None
        self._handle = looking.result()
        return self._handle

    def _look_up(self) -> Any:
        import ray

        return ray.get_actor(self._name, self._namespace)


def _in_thread(call: Callable[[], Any]) -> "asyncio.Future[Any]":
    """None of asyncio's own: those are few, others need them, and the process waits for them."""
    answer: Future[Any] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except Exception as error:  # noqa: BLE001  # raised again where it is awaited
            answer.set_exception(error)

    threading.Thread(target=run, name="look-up", daemon=True).start()
    return asyncio.wrap_future(answer)

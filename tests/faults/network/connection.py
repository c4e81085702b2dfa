"""One connection through the proxy: two ends, two directions."""

import asyncio
from asyncio import StreamWriter
from collections import deque
from collections.abc import Coroutine


class Lane:
    """One direction. What is under way stays in order, also when the delay becomes shorter."""

    def __init__(self, writer: StreamWriter) -> None:
        self._writer = writer
        self._under_way: deque[bytes] = deque()
        self._due = 0.0

    async def send(self, encoded: bytes, delay_s: float) -> None:
        if self._writer.is_closing():
            return
        if not delay_s and not self._under_way:
            self._writer.write(encoded)
            await self._writer.drain()
            return
        loop = asyncio.get_running_loop()
        self._due = max(self._due, loop.time() + delay_s)
        self._under_way.append(encoded)
        loop.call_at(self._due, self._deliver_next)

    def _deliver_next(self) -> None:
        encoded = self._under_way.popleft()
        if not self._writer.is_closing():
            self._writer.write(encoded)


class Connection:
    """Gone as a whole when either end is."""

    def __init__(self, group: str, client: StreamWriter, server: StreamWriter) -> None:
        self.group = group
        self.to_client, self.to_server = Lane(client), Lane(server)
        self._ends = client, server

    def cut(self) -> None:
        """What was sent and has not arrived is lost."""
        for end in self._ends:
            end.transport.abort()

    async def until_either_ends(self, *pumps: Coroutine[None, None, None]) -> None:
        tasks = [asyncio.ensure_future(pump) for pump in pumps]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for end in self._ends:
            end.close()  # a server's last words still arrive
        ends = [end.wait_closed() for end in self._ends]
        await asyncio.gather(*tasks, *ends, return_exceptions=True)

"""Whether there is room to write: the supervisor says so by a file that it keeps while there is."""

import asyncio
from contextlib import suppress
from pathlib import Path

from api.operations.condition import Condition

EVERY_S = 0.25


async def watch(reserve: Path, condition: Condition) -> None:
    """See `config.disk_reserve` for who makes the file and who takes it away."""
    while True:
        with suppress(OSError):  # a disk that cannot be asked says nothing new
            condition.disk_full = not await asyncio.to_thread(reserve.exists)
        await asyncio.sleep(EVERY_S)

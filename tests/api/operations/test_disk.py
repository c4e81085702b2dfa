"""What an API process knows of the disk: what the supervisor's file says."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from api.operations import disk
from api.operations.condition import Condition


def test_the_disk_is_full_as_long_as_the_reserve_is_gone(tmp_path: Path) -> None:
    reserve, condition = tmp_path / "reserve", Condition()

    async def watched() -> list[bool]:
        watching = asyncio.create_task(disk.watch(reserve, condition))
        missing = await _soon(lambda: condition.disk_full)
        reserve.touch()
        back = await _soon(lambda: not condition.disk_full)
        reserve.unlink()
        gone = await _soon(lambda: condition.disk_full)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        return [missing, back, gone]

    assert asyncio.run(watched()) == [True, True, True]


def test_a_folder_that_cannot_be_looked_into_ends_nothing(tmp_path: Path) -> None:
    condition = Condition(disk_full=True)
    closed = tmp_path / ("x" * 300) / "reserve"  # a name no file system takes

    async def watched() -> bool:
        watching = asyncio.create_task(disk.watch(closed, condition))
        await asyncio.sleep(disk.EVERY_S * 2)
        going_on = not watching.done()
        watching.cancel()
        return going_on

    assert asyncio.run(watched())


async def _soon(holds: Callable[[], bool]) -> bool:
    for _ in range(200):
        if holds():
            return True
        await asyncio.sleep(disk.EVERY_S / 10)
    return False

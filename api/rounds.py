"""Work that goes on for as long as the API runs, round after round."""

import asyncio
from collections.abc import Awaitable, Callable

from actors.signals import Busy, Unavailable
from api.errors import UNREACHABLE, report


async def rounds(work: Callable[[], Awaitable[bool]], every_s: float, name: str) -> None:
    """For ever. `work` answers whether there is more to do at once.

    What somebody who is away or busy keeps it from doing waits for the next round; a bug in one
    round is reported under this name, and must not end all of them.
    """
    pause_s = every_s
    while True:
        await asyncio.sleep(pause_s)
        pause_s = every_s
        try:
            pause_s = 0.0 if await work() else every_s
        except (Busy, Unavailable, *UNREACHABLE):
            continue  # it waits as well as anybody
        except Exception as error:  # noqa: BLE001 - the next round may well succeed
            report(error, name)

"""Work that goes on for as long as the API runs, round after round."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from actors.signals import Busy, Unavailable
from api.errors import UNREACHABLE, report


async def rounds(
    work: Callable[[], Awaitable[bool]], every_s: float, name: str, rests: float = 0.0
) -> None:
    """For ever. `work` answers whether there is more to do at once; even then it rests so many
    times as long as a round took, and a round takes longer the busier everybody is.

    What somebody who is away or busy keeps it from doing waits for the next round; a bug in one
    round is reported under this name, and must not end all of them.
    """
    pause_s = every_s
    while True:
        await asyncio.sleep(pause_s)
        pause_s, began = every_s, monotonic()
        try:
            if await work():
                pause_s = (monotonic() - began) * rests
        except (Busy, Unavailable, *UNREACHABLE):
            continue  # it waits as well as anybody
        except Exception as error:  # noqa: BLE001 - the next round may well succeed
            report(error, name)

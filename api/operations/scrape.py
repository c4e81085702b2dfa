"""Numbers that must be asked for at each scrape, none of which may keep the others away."""

import asyncio
from collections.abc import Mapping, Sequence

from api.errors import UNREACHABLE
from api.letters.store import DeadLetters
from api.ports import Ports

PATIENCE_S = 3.0


async def gauges(ports: Ports, letters: DeadLetters) -> dict[str, tuple[str, float]]:
    """Name to meaning and value."""
    found = {"signals_waiting": ("Signals not yet answered", float(ports.gateway.waiting))}
    try:
        count = await letters.count_open()
    except UNREACHABLE:
        return found  # absent says more than a number we made up
    return found | {"dead_letters_open": ("Deliveries kept unprocessed", float(count))}


async def hosts(ports: Ports) -> Sequence[Mapping[str, object]]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await ports.gateway.stats()
    except TimeoutError:
        return []

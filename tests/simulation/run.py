"""One run: two shops, some API processes and hosts, bad weather, and what must hold afterwards."""

import asyncio
from collections.abc import Collection, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

from actors import identities, line
from aggregates.log import snapshots
from tests.actors.shopping import OTHER_SHOP, SHOP
from tests.simulation import oracle, shop
from tests.simulation.callers import Callers
from tests.simulation.doors import Door
from tests.simulation.hosts import Slot
from tests.simulation.ledger import Ledger
from tests.simulation.loop import VirtualLoop
from tests.simulation.product import PRODUCT, Product
from tests.simulation.shop import Sending
from tests.simulation.world import PromiseBroken, World, first_of

STORM_S = 12.0  # all times here are virtual
ARRIVALS_S = (1.0, 4.0, 12.0)
ANSWERED_WITHIN_S = 40.0  # once the weather is calm
SETTLED_WITHIN_S = 30.0  # whatever still travels arrives
STEPS_TOLD = 60
SIGNALS = (12, 30)  # of each shop
HOSTS, PROCESSES = (1, 2, 3), (1, 2, 3, 3)


class Run(NamedTuple):
    """What came of a seed; `broken` is the promise that was not kept."""

    seed: int
    broken: str | None
    story: list[str]
    struck: dict[str, int]
    answers: int

    def report(self) -> str:
        """How the promise was broken, and how to see it again."""
        told = [*self.story[-STEPS_TOLD:], "", f"seed {self.seed}: {self.broken}"]
        again = f"play it again: python -m tests.simulation --seed {self.seed} --trace"
        return "\n".join(["", *told, again])


def run(seed: int, product: Product = PRODUCT, only: Collection[str] | None = None) -> Run:
    """Play what the seed draws, or with `only` these faults.

    The same seed is the same run, to the last line of its story.
    """
    chance = Random(f"limits {seed}")  # noqa: S311  # it must be repeatable
    with _small_limits(chance), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_played(seed, product, only))


async def _played(seed: int, product: Product, only: Collection[str] | None) -> Run:
    world = World(seed, product, only)
    ledger = Ledger(world)
    broken = None
    try:
        await _story(world, ledger)
    except PromiseBroken as error:
        broken = str(error)
    world.loop.set_exception_handler(lambda *_: None)  # what is cut off now concerns nobody
    return Run(seed, broken, world.story, dict(world.weather.struck), ledger.count)


async def _story(world: World, ledger: Ledger) -> None:
    random = world.random
    orderly = shop.orderly(random, SHOP, random.randint(*SIGNALS))
    unruly = shop.unruly(random, OTHER_SHOP, random.randint(*SIGNALS))
    sendings = shop.sendings(random, [orderly, unruly], random.choice(ARRIVALS_S))
    slots = [Slot(world, number) for number in range(random.choice(HOSTS))]
    door = Door(world, random.choice(PROCESSES), slots)
    await _everybody_is_answered(world, Callers(world, door, ledger), sendings)
    await _unless_broken(world, asyncio.sleep(SETTLED_WITHIN_S))
    door.check()
    ledger.check()
    oracle.check_log(world)
    oracle.check_births(world, [sending.signal for sending in sendings])
    oracle.check_order(world, SHOP, orderly)
    world.raise_if_broken()


async def _everybody_is_answered(world: World, callers: Callers, sendings: list[Sending]) -> None:
    world.loop.call_later(STORM_S, world.calm)
    within_s = STORM_S + ANSWERED_WITHIN_S
    if not await _unless_broken(world, callers.tell_all(sendings), within_s):
        raise PromiseBroken(f"in calm weather nobody answers {sorted(+callers.waiting)}")


async def _unless_broken(
    world: World, work: Coroutine[Any, Any, None], within_s: float | None = None
) -> bool:
    """Whether the work came to its end in time. Raises PromiseBroken as soon as a promise is."""
    task = asyncio.create_task(work)
    await first_of(world.over, task, within_s)
    world.raise_if_broken()
    return task.done() and task.result() is None


@contextmanager
def _small_limits(random: Random) -> Iterator[None]:
    """Limits that real traffic reaches rarely are reached often here."""
    limits = [
        patch.object(snapshots, "EVERY", random.choice([2, 5, 100])),
        patch.object(line, "MAX_BATCH", random.choice([5, 256])),
        patch.object(line, "MAX_WAITING", random.choice([8, 50])),
        patch.object(line, "MAX_WAITING_STALLED", random.choice([4, 20])),
        patch.object(identities, "MAX_LOOKUP", random.choice([10, 512])),
    ]
    with ExitStack() as stack:
        for limit in limits:
            stack.enter_context(limit)
        yield

"""People at desks who all have the same few shoppers before them: they take orders, unite and part.

None knows what the others do, so much of what they ask for is refused, and rightly.
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from random import Random
from threading import Event

import msgspec

from api.demo.seeds import chance
from api.routes import commands
from tests.faults.attempts import Attempt
from tests.faults.client import Say
from tests.faults.sendings import Sending
from tests.faults.worlds import World

MERGES = "/v1/merges"
AT = "2026-11-20T10:00:00Z"
PAUSE_S = 0.1  # between two things, on average
AGAIN_SHARE = 0.1  # said twice, as by somebody who did not hear the answer
DEVICE_SHARE = 0.3  # of the orders; on a device that may be another shopper's
DOES = ("order",) * 5 + ("merge",) * 2 + ("reversal",) * 3


class Desk:
    """What the clerks share: the ids of the shoppers and of the merges that any of them made."""

    def __init__(self, world: World, number: int, name: str) -> None:
        self.world = world
        self.number = number
        self.name = name
        self.profiles: list[str] = []
        self.merges: list[str] = []
        self.closed = Event()

    async def open(self, say: Say) -> None:
        """Makes all shoppers known, each by an address and a device."""
        for nth in range(self.number):
            known = {"email": self.mail(nth), "cookie": self.cookie(nth)}
            told = await say(order(self.world, f"{self.name}-{nth}", known))
            self.profiles.append(str(told.made))

    def mail(self, nth: int) -> str:
        return f"{self.name}{nth}@shop.example"

    def cookie(self, nth: int) -> str:
        return f"{self.name}-device-{nth}"


class Clerk:
    """Says one thing after the other until the desk closes."""

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk = desk
        self._dice: Random = chance("clerk", number)
        self._names = (f"clerk-{number}-{nth}" for nth in count())

    async def __call__(self, say: Say) -> None:
        while not self._desk.closed.is_set():
            sending = self._sending()
            self._heard(sending, await say(sending))
            if self._dice.random() < AGAIN_SHARE:
                await say(sending)
            await asyncio.sleep(self._dice.uniform(0, 2 * PAUSE_S))

    def _sending(self) -> Sending:
        name, what = next(self._names), self._dice.choice(DOES)
        if what == "merge":
            return merge(self._desk.world, name, *self._dice.sample(self._desk.profiles, 2))
        if what == "reversal" and self._desk.merges:
            return reversal(self._desk.world, name, self._dice.choice(self._desk.merges))
        nth = self._dice.randrange(self._desk.number)
        known = {"email": self._desk.mail(nth)}
        if self._dice.random() < DEVICE_SHARE:
            known["cookie"] = self._desk.cookie(self._dice.randrange(self._desk.number))
        return order(self._desk.world, name, known)

    def _heard(self, sending: Sending, told: Attempt) -> None:
        if sending.kind == "merge" and told.accepted and told.made:
            self._desk.merges.append(told.made)


def order(world: World, name: str, known: Mapping[str, str]) -> Sending:
    told = {
        "type": "RecordOrder",
        "order_id": name,
        "placed_at": AT,
        "occurred_at": AT,
        "total": {"amount": "10.00", "currency": "EUR"},
        "profile": known,
    }
    return _asked(world, name, "order", commands.PATH, told, leaves="orders.placed")


def merge(world: World, name: str, survivor: str, absorbed: str) -> Sending:
    told = {"survivor": survivor, "absorbed": absorbed, "reason": "looks alike"}
    return _asked(world, name, "merge", MERGES, told, leaves="lineage.absorbed")


def reversal(world: World, name: str, merge_id: str) -> Sending:
    """Several may be restored: whoever came on the ground of the merge, too."""
    path = f"{MERGES}/{merge_id}/reversal"
    return _asked(world, name, "reversal", path, {"reason": "is not"}, leaves=None)


def _asked(
    world: World, name: str, kind: str, path: str, told: Mapping[str, object], leaves: str | None
) -> Sending:
    return Sending(
        id=name,
        kind=kind,
        namespace=world.namespace,
        path=path,
        headers={
            "Authorization": f"Bearer {world.api_key}",
            "Content-Type": "application/json",
        },
        body=msgspec.json.encode({**told, "id": name}),
        profile_key="",
        leaves=leaves,
    )


def answers(kinds: Sequence[str], found: Mapping[str, str], told: Mapping[str, Sending]) -> int:
    """How many of these kinds were acknowledged."""
    return sum(told[name].kind in kinds for name in found)

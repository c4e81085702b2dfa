"""A shop whose customers are known, and on which host each of them lives."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.faults.client import Client
from tests.faults.invariants import everything
from tests.faults.journal import Journal
from tests.faults.place import Place
from tests.faults.sendings import Sending
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.faults.worlds import World

CONNECTIONS = 64
PATIENCE_S = 180.0


class Shopping(NamedTuple):
    """The journal's groups are the hosts' numbers."""

    place: Place
    world: World
    traffic: Traffic
    client: Client

    @property
    def journal(self) -> Journal:
        return self.client.journal

    def about(self, host: int, count: int) -> list[Sending]:
        """The next ones of those who live on this host."""
        homes, found = self.journal.groups, list[Sending]()
        while len(found) < count:
            found += [one for one in self.traffic.take(count) if homes[one.profile_key] == host]
        return found[:count]

    def counts(self) -> dict[str, int]:
        return everything(self.place, self.journal, self.world)


@contextmanager
def shopping(stage: Stage, place: Place, seed: int, customers: int = 200) -> Iterator[Shopping]:
    """Everybody has ordered once. The client is as patient as the slowest recovery takes."""
    world, _ = place.open_shop()
    traffic = Traffic(seed=seed, world=world, customers=customers)
    with stage.journal() as journal:
        client = Client(place.url, journal, CONNECTIONS, PATIENCE_S)
        client.send(traffic.first_orders())
        journal.group(place.homes(world, traffic.profile_keys))
        yield Shopping(place, world, traffic, client)

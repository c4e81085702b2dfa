"""What a client is answered while the disk is full."""

import time
from math import ceil
from typing import NamedTuple

from tests.faults.journal import Journal, Window
from tests.faults.probes import Asked, Probe, probing, reading, repeating
from tests.faults.sendings import Sending
from tests.faults.worlds import World


class Looks(NamedTuple):
    """Reading a shopper by what he is known by and by his profile's id; repeating a signal."""

    found: Probe
    read: Probe
    written: Probe

    @property
    def share(self) -> float:
        """Of reads that were answered as always."""
        return min(self.found.share(), self.read.share())

    @property
    def slowest_s(self) -> float:
        return max(self.found.slowest_s, self.read.slowest_s)


def looked(world: World, known: Sending, seconds: float) -> Looks:
    """At the shopper whom `known` told of, for so long."""
    customer = known.profile_key
    found = world.get("/v1/profiles", shopify_customer_id=customer).json()["items"][0]
    key = {"Authorization": f"Bearer {world.api_key}"}
    by_id = Asked(f"{world.url}/v1/profiles/{found['id']}", key)
    with (
        probing(reading(world, customer)) as by_customer,
        probing(by_id) as by_profile,
        probing(repeating(world, known)) as writes,
    ):
        time.sleep(seconds)
    return Looks(by_customer, by_profile, writes)


def answers(journal: Journal, full: Window, looks: Looks) -> dict[str, int]:
    """`full` is while the server knew of it."""
    statuses = journal.statuses()
    rude = sum(n for status, n in statuses.items() if status.startswith("5") and status != "503")
    return {
        "impolite": rude + looks.written.count(lambda told: told.rude),
        "turned away": looks.written.count(lambda told: told.status == 503),
        "taken while full": journal.statuses(full)["200"],
        "reads failed, %": ceil(100 * (1 - looks.share)),
    }

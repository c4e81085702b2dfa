"""A part of our own Ray is killed under load: its directory (GCS), its raylet, all of its head.

Nothing acknowledged is lost, nothing is written twice. Writes are refused politely for some
seconds (503 with Retry-After); whoever reads notices nothing; nobody has to do anything.

Mechanism: `ray start --block` ends when any of its parts does, and the supervisor starts another
Ray on the same port, creates the hosts in it and renews the API processes, whose driver belonged
to the old one; an old process reads on until a new one listens. Hosts remember nothing that the
log does not.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import psutil

from tests.faults.invariants import CLEAN
from tests.faults.journal import Window
from tests.faults.place import Place, kill
from tests.faults.probes import Probe, probing, reading, repeating
from tests.faults.report import Finding, exactly
from tests.faults.sendings import Sending
from tests.faults.shopping import Shopping, shopping
from tests.faults.stage import Stage
from tests.faults.waiting import until
from tests.measured import Limit
from tests.processes import parts_of

BACK_S = 60.0
READ_SHARE = 0.99


def head(place: Place) -> psutil.Process:
    """The `ray start` that watches over the other parts."""
    parent = place.gcs().parent()
    assert parent is not None
    return parent


VICTIMS: dict[str, Callable[[Place], psutil.Process]] = {
    "the GCS": Place.gcs,
    "the raylet": Place.raylet,
    "ray start": head,
}


class Outage(NamedTuple):
    """What one kill did."""

    back_s: float  # until everything is there again
    silence_s: float  # longest time without an acceptance
    reads: Probe
    writes: Probe


def run(stage: Stage) -> list[Finding]:
    chosen = list(VICTIMS)[: stage.fewer(3, 1)]
    return [_of(stage, part, seed) for seed, part in enumerate(chosen, start=21)]


def _of(stage: Stage, part: str, seed: int) -> Finding:
    place, number = stage.place, stage.fewer(3, 1)
    with shopping(stage, place, seed) as shop:
        repeat = shop.traffic.first_orders()[0]
        shop.client.send([repeat])
        outages = [_outage(stage, shop, part, repeat) for _ in stage.rounds(number)]
        rude = shop.journal.server_errors() - shop.journal.statuses()["503"]
        counts = {
            **shop.counts(),
            "impolite": rude + sum(o.writes.count(lambda one: one.rude) for o in outages),
        }
    return Finding(
        fault="a part of Ray is killed",
        variant=part,
        done=f"kill -9 mid-burst, {number} times",
        counts=counts,
        firm=(*CLEAN, *(exactly(name, 0) for name in ("unanswered", "impolite"))),
        figures={
            "back s": max(outage.back_s for outage in outages),
            "longest silence s": max(outage.silence_s for outage in outages),
            "reads": min(outage.reads.share() for outage in outages),
            "slowest read s": max(outage.reads.slowest_s for outage in outages),
        },
        timed=(Limit("back s", at_most=BACK_S), Limit("reads", at_least=READ_SHARE)),
    )


def _outage(stage: Stage, shop: Shopping, part: str, repeat: Sending) -> Outage:
    burst = shop.traffic.take(stage.fewer(3_000, 800))
    read = reading(shop.world, shop.traffic.hottest)
    with (
        shop.client.sending(burst),
        probing(read) as reads,
        probing(repeating(shop.world, repeat)) as writes,
    ):
        shop.journal.until_taken(len(burst) // 4)
        killed_at = time.monotonic()
        back_s = _killed(shop.place, VICTIMS[part](shop.place))
    silence_s = shop.journal.longest_silence_s(Window(since=killed_at - 1))
    return Outage(back_s, silence_s, reads, writes)


def _killed(place: Place, victim: psutil.Process) -> float:
    """Until everything is there again, in a Ray of other processes."""
    before = {*place.hosts(), *_parts(place)}
    began = time.monotonic()
    kill(victim)
    until(lambda: _is_new(_parts(place), before), BACK_S * 2, "no other Ray was started")
    place.until_whole()
    assert not {*place.hosts()} & before, "other processes do the work"
    return time.monotonic() - began


def _parts(place: Place) -> list[psutil.Process]:
    return [one for one, part in parts_of(place.supervisor) if part in {"gcs", "raylet"}]


def _is_new(parts: list[psutil.Process], before: set[psutil.Process]) -> bool:
    return len(parts) == 2 and not before & {*parts}

"""Ray's directory (GCS) hangs: it says nothing, and its connections stay open.

Nobody notices, because whoever calls a host has found it long before. A host that dies meanwhile
comes back once the directory answers again, or, where it never does, with another Ray; the
shoppers of the other host notice nothing of the former. No API process ever waits for Ray with
everything else: it says within a second that it is alive.

Mechanism: the gateway keeps the handle of a host for as long as that lives, and looks for a new
one in a thread, for a limited time. The supervisor starts Ray again when hosts stay away for half
a minute.
"""

import time

from tests.faults.client import Client
from tests.faults.freezing import frozen
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal, Window
from tests.faults.place import Place, kill
from tests.faults.probes import Asked, probing
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.faults.waiting import until
from tests.faults.worlds import World
from tests.measured import Limit

CUSTOMERS = 200
PER_S = 40
SERVED = 0.999
ALIVE_S = 1.0
KILLED = 0  # the host that dies while nobody can start another
SAFE_S = 20  # before the supervisor loses patience with the whole of Ray
BACK_S, REPLACED_S = 15.0, 90.0


def run(stage: Stage) -> list[Finding]:
    place = stage.place
    findings = [_nobody_notices(stage, place), _a_host_dies(stage, place)]
    return findings if stage.quick else [*findings, _for_good(stage, place)]


def _nobody_notices(stage: Stage, place: Place) -> Finding:
    frozen_s = stage.fewer(60, 6)
    with stage.journal() as journal:
        world, traffic, client = _begun(place, journal, seed=31)
        hosts = {*place.hosts()}
        with (
            client.sending(traffic.take((frozen_s + 3) * PER_S), PER_S),
            probing(Asked(f"{place.url}/readyz")) as ready,
        ):
            since = time.monotonic()
            with frozen(place.gcs()):
                time.sleep(frozen_s)
        window = Window(since=since)
        place.until_whole()
        counts = {
            **everything(place, journal, world),
            "server errors": journal.server_errors(window),
            "not ready": ready.count(lambda one: one.status != 200),
            "other hosts": len(hosts ^ {*place.hosts()}),
        }
    return Finding(
        fault="the GCS hangs",
        done=f"SIGSTOP for {frozen_s} s at {PER_S} requests/s, then SIGCONT",
        counts=counts,
        firm=(
            *CLEAN,
            *(exactly(name, 0) for name in ("unanswered", "server errors", "not ready")),
            exactly("other hosts", 0),
        ),
        figures={
            "served": 1 - journal.error_rate(window),
            "p99 ms": journal.latency_ms(99, window),
        },
        timed=(Limit("served", at_least=SERVED),),
    )


def _a_host_dies(stage: Stage, place: Place) -> Finding:
    frozen_s = stage.fewer(SAFE_S, 6)
    with stage.journal() as journal:
        world, traffic, client = _begun(place, journal, seed=32)
        victim, other = place.host(KILLED), place.host(1 - KILLED)
        with (
            client.sending(traffic.take((frozen_s + 5) * PER_S), PER_S),
            probing(Asked(f"{place.url}/healthz")) as alive,
        ):
            since = time.monotonic()
            with frozen(place.gcs()):
                kill(victim)
                time.sleep(frozen_s)
            thawed_at = time.monotonic()
            place.until_whole()
            back_s = time.monotonic() - thawed_at
        counts = {
            **everything(place, journal, world),
            "5xx of the other host": journal.server_errors(Window(since, group=1 - KILLED)),
            "not alive": alive.count(lambda one: one.status != 200),
            "same host": int(place.host(KILLED) == victim),
            "other host gone": int(place.host(1 - KILLED) != other),
        }
    return Finding(
        fault="the GCS hangs",
        variant="and a host is killed",
        done=f"kill -9 of one host while the GCS is stopped for {frozen_s} s",
        counts=counts,
        firm=(
            *CLEAN,
            exactly("unanswered", 0),
            *(exactly(name, 0) for name in ("5xx of the other host", "not alive")),
            *(exactly(name, 0) for name in ("same host", "other host gone")),
        ),
        figures={"back after SIGCONT s": back_s, "slowest healthz s": alive.slowest_s},
        timed=(
            Limit("back after SIGCONT s", at_most=BACK_S),
            Limit("slowest healthz s", at_most=ALIVE_S),
        ),
    )


def _for_good(stage: Stage, place: Place) -> Finding:
    with stage.journal() as journal:
        world, traffic, client = _begun(place, journal, seed=33)
        hung = place.gcs()
        with (
            client.sending(traffic.take(1_000)),
            probing(Asked(f"{place.url}/healthz")) as alive,
            frozen(hung),
        ):
            began = time.monotonic()
            kill(place.host(KILLED))
            until(lambda: not hung.is_running(), REPLACED_S, "the GCS still hangs")
            place.until_whole()
            back_s = time.monotonic() - began
        counts = {
            **everything(place, journal, world),
            "not alive": alive.count(lambda one: one.status != 200),
        }
    return Finding(
        fault="the GCS hangs",
        variant="for good, and a host is killed",
        done="SIGSTOP without end, kill -9 of one host",
        counts=counts,
        firm=(*CLEAN, exactly("unanswered", 0), exactly("not alive", 0)),
        figures={"another Ray s": back_s, "slowest healthz s": alive.slowest_s},
        timed=(
            Limit("another Ray s", at_most=REPLACED_S),
            Limit("slowest healthz s", at_most=ALIVE_S),
        ),
    )


def _begun(place: Place, journal: Journal, seed: int) -> tuple[World, Traffic, Client]:
    """A shop whose customers are known, and on which host each lives."""
    world, _ = place.open_shop()
    traffic = Traffic(seed=seed, world=world, customers=CUSTOMERS, hot=0.05)
    client = Client(place.url, journal)
    client.send(traffic.first_orders())
    journal.group(place.homes(world, traffic.profile_keys))
    return world, traffic, client

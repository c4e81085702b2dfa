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
from collections.abc import Iterable
from contextlib import AbstractContextManager

from tests.faults.freezing import frozen
from tests.faults.invariants import CLEAN
from tests.faults.journal import Window
from tests.faults.place import Place, kill
from tests.faults.probes import Asked, Probe, probing
from tests.faults.report import Finding, exactly
from tests.faults.shopping import shopping
from tests.faults.stage import Stage
from tests.faults.waiting import until
from tests.measured import Limit

PER_S = 40
SERVED = 0.999
ALIVE_S = 1.0
KILLED = 0  # the host that dies while nobody can start another
SAFE_S = 12  # long before the supervisor loses patience with the whole of Ray
BACK_S, REPLACED_S = 15.0, 90.0


def run(stage: Stage) -> list[Finding]:
    place = stage.place
    findings = [_nobody_notices(stage, place), _a_host_dies(stage, place)]
    return findings if stage.quick else [*findings, _for_good(stage, place)]


def _nobody_notices(stage: Stage, place: Place) -> Finding:
    frozen_s, after_s = stage.fewer(60, 4), stage.fewer(3, 1)
    with shopping(stage, place, seed=31) as shop:
        hosts, load = {*place.hosts()}, shop.traffic.take((frozen_s + after_s) * PER_S)
        with shop.client.sending(load, PER_S), _probed(place, "/readyz") as ready:
            during = Window(since=time.monotonic())
            with frozen(place.gcs()):
                time.sleep(frozen_s)
        place.until_whole()
        counts = {
            **shop.counts(),
            "server errors": shop.journal.server_errors(during),
            "not ready": ready.count(lambda one: one.status != 200),
            "other hosts": len(hosts ^ {*place.hosts()}),
        }
        served = 1 - shop.journal.error_rate(during)
    return Finding(
        fault="the GCS hangs",
        done=f"SIGSTOP for {frozen_s} s at {PER_S} requests/s, then SIGCONT",
        counts=counts,
        firm=(*CLEAN, *_none("unanswered", "server errors", "not ready", "other hosts")),
        figures={"served": served},
        timed=(Limit("served", at_least=SERVED),),
    )


def _a_host_dies(stage: Stage, place: Place) -> Finding:
    frozen_s, after_s = stage.fewer(SAFE_S, 4), stage.fewer(5, 3)
    with shopping(stage, place, seed=32) as shop:
        victim, other = place.host(KILLED), place.host(1 - KILLED)
        load = shop.traffic.take((frozen_s + after_s) * PER_S)
        with shop.client.sending(load, PER_S), _probed(place, "/healthz") as alive:
            others = Window(since=time.monotonic(), group=1 - KILLED)
            with frozen(place.gcs()):
                kill(victim)
                time.sleep(frozen_s)
            thawed_at = time.monotonic()
            place.until_whole()
            back_s = time.monotonic() - thawed_at
        counts = {
            **shop.counts(),
            "5xx of the other host": shop.journal.server_errors(others),
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
            *_none("unanswered", "5xx of the other host", "not alive"),
            *_none("same host", "other host gone"),
        ),
        figures={"back after SIGCONT s": back_s, "slowest healthz s": alive.slowest_s},
        timed=(
            Limit("back after SIGCONT s", at_most=BACK_S),
            Limit("slowest healthz s", at_most=ALIVE_S),
        ),
    )


def _for_good(stage: Stage, place: Place) -> Finding:
    with shopping(stage, place, seed=33) as shop:
        hung, load = place.gcs(), shop.traffic.take(1_000)
        with shop.client.sending(load), _probed(place, "/healthz") as alive, frozen(hung):
            began = time.monotonic()
            kill(place.host(KILLED))
            until(lambda: not hung.is_running(), REPLACED_S, "the GCS still hangs")
            place.until_whole()
            replaced_s = time.monotonic() - began
        counts = {**shop.counts(), "not alive": alive.count(lambda one: one.status != 200)}
    return Finding(
        fault="the GCS hangs",
        variant="for good, and a host is killed",
        done="SIGSTOP without end, kill -9 of one host",
        counts=counts,
        firm=(*CLEAN, *_none("unanswered", "not alive")),
        figures={"another Ray s": replaced_s, "slowest healthz s": alive.slowest_s},
        timed=(
            Limit("another Ray s", at_most=REPLACED_S),
            Limit("slowest healthz s", at_most=ALIVE_S),
        ),
    )


def _probed(place: Place, path: str) -> AbstractContextManager[Probe]:
    return probing(Asked(f"{place.url}{path}"))


def _none(*names: str) -> Iterable[Limit]:
    return (exactly(name, 0) for name in names)

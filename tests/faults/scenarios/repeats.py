"""Everything comes one to five times, some of it at once with itself: on several connections, to
both API processes.

The state is that of the shop next door, whose deliveries came once; a repeat is answered as one,
and no slower than news.

Mechanism: a host looks the ids of a batch up before it decides anything (`ShardWork._remembered`),
tells repeats within a batch apart, and commits the ids with the events they led to.
"""

from collections import Counter, defaultdict
from itertools import chain, pairwise
from math import inf
from statistics import quantiles

import psutil

from tests.faults.attempts import Attempt, Window
from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal
from tests.faults.letters import until_none_wait
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.sendings import Sending, repeated
from tests.faults.stage import Stage
from tests.faults.states import state_hashes
from tests.faults.traffic import Traffic
from tests.faults.waiting import until
from tests.faults.worlds import World
from tests.measured import Limit

SEED, CUSTOMERS, WINDOW = 41, 100, 200
PARTS = 4  # of the burst; the kernel may give most connections of one to one process
STARTS_S = 60.0
STEADY_PER_S = 100  # well below what it could do, so that nobody waits for a turn


def run(stage: Stage) -> list[Finding]:
    count = stage.fewer(5_000, 400)
    with stage.running(api_processes=2) as place, stage.journal() as journal:
        live, sandbox = place.open_shop()
        with stage.journal() as once:
            Client(place.url, once).send(Traffic(SEED, sandbox, CUSTOMERS).take(count))
        traffic = Traffic(SEED, live, CUSTOMERS)
        burst = repeated(traffic.take(count), SEED, WINDOW)
        client = Client(place.url, journal)
        _until_both_serve(place)
        served = [_sent(place, client, part) for part in _parts(burst)]
        until_none_wait(place, live, sandbox)
        counts = {
            "sent": len(burst),
            "different states": _different(place, live, sandbox),
            "clients of the quieter process": max(served),
            **_answers(journal),
        }
        figures = _steady(client, traffic, stage.fewer(3_000, 150))
        counts |= everything(place, journal, live)
    return [
        Finding(
            fault="deliveries are repeated",
            done=f"{count} webhooks and commands 1 to 5 times each, some at once with themselves",
            counts=counts,
            firm=(
                *CLEAN,
                *(exactly(name, 0) for name in ("unanswered", "5xx", "different states")),
                *(exactly(name, 0) for name in ("accepted twice", "never accepted")),
                Limit("in flight twice, %", at_least=20),
                Limit("clients of the quieter process", at_least=1),
            ),
            figures=figures,
            timed=(Limit("repeats' p99 / news' p99", at_most=1.2),),
        )
    ]


def _parts(burst: list[Sending]) -> list[list[Sending]]:
    size = len(burst) // PARTS + 1
    return [burst[at : at + size] for at in range(0, len(burst), size)]


def _until_both_serve(place: Place) -> None:
    log = place.settings.data_dir / "api.log"
    until(lambda: log.read_text().count('"started"') == 2, STARTS_S, "one API process serves")


def _sent(place: Place, client: Client, part: list[Sending]) -> int:
    """Over new connections; how many of them the API process with fewer of them serves."""
    with client.sending(part):
        client.journal.until_taken(len(part) // 2)
        return min(_clients(process, place.settings.port) for process in place.apis())


def _clients(process: psutil.Process, port: int) -> int:
    """How many connections to our port it serves."""
    served = (one for one in process.net_connections("tcp4") if one.laddr.port == port)
    return sum(one.status == psutil.CONN_ESTABLISHED for one in served)


def _different(place: Place, live: World, sandbox: World) -> int:
    """Profiles that are not the same in both, or only in one."""
    one, other = (state_hashes(place, world.namespace) for world in (live, sandbox))
    return len(dict(one.items() ^ other.items()))


def _answers(journal: Journal) -> dict[str, int]:
    """What the attempts at each id were answered; one of them is news, or kept as a letter."""
    attempts: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in journal.attempts:
        attempts[attempt.id].append(attempt)
    told = [Counter(one.result for one in many) for many in attempts.values()]
    repeats = [many for many in attempts.values() if len(many) > 1]
    return {
        "duplicates": sum(results["duplicate"] for results in told),
        "accepted twice": sum(results["accepted"] > 1 for results in told),
        "never accepted": sum(not results["accepted"] + results["kept"] for results in told),
        "5xx": journal.server_errors(),
        "in flight twice, %": 100 * sum(map(_overlap, repeats)) // len(repeats),
    }


def _overlap(attempts: list[Attempt]) -> bool:
    in_turn = sorted(attempts, key=lambda one: one.sent_at)
    return any(later.sent_at < sooner.answered_at for sooner, later in pairwise(in_turn))


def _steady(client: Client, traffic: Traffic, count: int) -> dict[str, float]:
    """How long news and repeats take when nobody is in a hurry, in turns."""
    known, news = traffic.take(count), traffic.take(count)
    client.send(known)
    since = Window(since=max(one.answered_at for one in client.journal.attempts))
    client.send(chain.from_iterable(zip(known, news, strict=True)), per_s=STEADY_PER_S)
    p99 = {
        result: _p99_ms([one for one in client.journal.within(since) if one.result == result])
        for result in ("accepted", "duplicate")
    }
    return {
        "news' p99 ms": p99["accepted"],
        "repeats' p99 ms": p99["duplicate"],
        "repeats' p99 / news' p99": p99["duplicate"] / p99["accepted"],
    }


def _p99_ms(attempts: list[Attempt]) -> float:
    took_ms = [(one.answered_at - one.sent_at) * 1_000 for one in attempts]
    return quantiles(took_ms, n=100)[98] if len(took_ms) > 1 else inf

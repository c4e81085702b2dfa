"""The network between the product and its database is cut for a while, or just bad.

Real packets are lost on a link of our own (as root; else only the silent database is tried): those
of the API processes, of the hosts, or of both. Then the weather is bad: 5 % of all packets are
lost, the others take 200 ms more or less, each way. At last the database takes everything and says
nothing. Whoever sends to us meanwhile gets 503 and repeats; nothing is lost or written twice, and
soon after the network is back so is the service.

Mechanism: connections give up what was not confirmed within `tcp_user_timeout`, are probed when
idle and closed when they say nothing for too long (`config.connections`), else a host waits in
`recv` for ever; pools try anew whenever somebody asks, instead of ever more seldom
(`RECONNECT_S`); what was under way is repeated with its id.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import NamedTuple

from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal, Window
from tests.faults.letters import until_none_wait
from tests.faults.network.link import Link, NoLink, linked
from tests.faults.network.proxy import API, HOST
from tests.faults.network.remote import Remote, remote_database
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.measured import Limit

FAULT = "the network to the database"
PER_S = 10  # few: while nothing is taken, each is repeated twice a second
AFTERWARDS_S = 3, 2  # for which the load goes on
CONNECTIONS = 2_000  # nobody waits for one: what waits is repeated as well
PATIENCE_S = 240.0
UNDER_WAY_S = 2.0  # for what was durable already when the trouble began
BACK_S = 10.0


class Trouble(NamedTuple):
    variant: str
    done: str
    lasts_s: int
    begin: Callable[[], None]
    end: Callable[[], None]
    stops_all: bool = True  # nothing at all can be written meanwhile


def run(stage: Stage) -> list[Finding]:
    with ExitStack() as parts:
        link = _link(stage, parts)
        remote = parts.enter_context(remote_database(stage.folder, link))
        troubles = [*_of_the_link(stage, link), *_of_the_database(stage, remote)]
        place = parts.enter_context(stage.running(database_url=remote.dsn()))
        journal = parts.enter_context(stage.journal())
        world, _ = place.open_shop()
        traffic = Traffic(seed=20, world=world, customers=stage.fewer(200, 30))
        client = Client(place.url, journal, CONNECTIONS, PATIENCE_S)
        client.send(traffic.first_orders())
        findings = [
            _endured(stage, place, client, traffic, troubles[nth])
            for nth in stage.rounds(len(troubles))
        ]
        until_none_wait(place, world)
        return [*findings, _in_the_end(everything(place, journal, world))]


def _link(stage: Stage, parts: ExitStack) -> Link | None:
    try:
        return parts.enter_context(linked())
    except NoLink as reason:
        stage.said(f"partitions are not tried: {reason}")
        return None


def _of_the_link(stage: Stage, link: Link | None) -> Iterator[Trouble]:
    if link is None:
        return
    wholes = {"both": (API, HOST), "the API": (API,), "the hosts": (HOST,)}
    for cut_off, groups in list(wholes.items())[: stage.fewer(3, 1)]:
        for lasts_s in (5,) if stage.quick else (5, 20, 60):
            begin = _parting(link, groups)
            yield Trouble(f"{cut_off} cut off", "no packet arrives", lasts_s, begin, link.heal)
    yield Trouble(
        variant="bad weather",
        done="5 % of all packets lost, the others 200 ms late ± 100 ms, each way",
        lasts_s=stage.fewer(60, 5),
        begin=lambda: link.weather(loss=0.05, delay_s=0.2, jitter_s=0.1),
        end=link.heal,
        stops_all=False,
    )


def _of_the_database(stage: Stage, remote: Remote) -> Iterator[Trouble]:
    def hold() -> None:
        for group in (API, HOST):
            remote.proxy.hold(group)

    yield Trouble(
        variant="a silent database",
        done="everything is taken, nothing said",
        lasts_s=stage.fewer(30, 3),
        begin=hold,
        end=remote.proxy.forward,
    )


def _parting(link: Link, groups: tuple[str, ...]) -> Callable[[], None]:
    return lambda: link.part(*groups)


def _endured(
    stage: Stage, place: Place, client: Client, traffic: Traffic, trouble: Trouble
) -> Finding:
    journal, since = client.journal, time.monotonic()
    sendings = traffic.take(PER_S * (trouble.lasts_s + stage.fewer(*AFTERWARDS_S)))
    with client.sending(sendings, per_s=PER_S):
        journal.until_taken(PER_S)
        began, ended = _suffered(trouble)
    place.until_whole()
    figures = {
        "first success after s": journal.first_success_s(Window(since=ended)) or float("inf"),
        "last error after s": _settled_s(journal, Window(since=ended)),
    }
    said = journal.statuses(Window(since=since))
    counts = {name: said[name] for name in ("200", "500", "503")}
    counts["written meanwhile"] = _written(journal, began + UNDER_WAY_S, ended)
    at_all = (exactly("written meanwhile", 0),) if trouble.stops_all else ()
    return Finding(
        fault=FAULT,
        variant=f"{trouble.variant} for {trouble.lasts_s} s",
        done=f"{trouble.done}, at {PER_S} requests a second",
        counts=counts,
        firm=(Limit("200", at_least=len(sendings)), exactly("500", 0), *at_all),
        figures=figures,
        timed=tuple(Limit(name, at_most=BACK_S) for name in figures),
    )


def _suffered(trouble: Trouble) -> tuple[float, float]:
    """From when to when."""
    began = time.monotonic()
    trouble.begin()
    try:
        time.sleep(trouble.lasts_s)
    finally:
        trouble.end()
    return began, time.monotonic()


def _written(journal: Journal, since: float, until: float) -> int:
    """Not what an API process that is not cut off keeps as a letter."""
    taken = (a.answered_at for a in journal.attempts if a.accepted and a.result != "kept")
    return sum(since <= at < until for at in taken)


def _in_the_end(counts: Mapping[str, int]) -> Finding:
    return Finding(
        fault=FAULT,
        variant="after all of that",
        done="everything sent is looked for",
        counts=counts,
        firm=(*CLEAN, exactly("unanswered", 0)),
    )


def _settled_s(journal: Journal, after: Window) -> float:
    """From then on nobody was told to come again."""
    failed = [a.answered_at - after.since for a in journal.within(after) if a.failed]
    return max(failed, default=0.0)

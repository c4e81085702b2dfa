"""Signals arrive in any order within a window of a thousand, also before what they are about.

The same shoppers come out as if everything had come in order. Left out are carts and checkouts
that name nobody, and cookies that turn out to be a known shopper's: until profiles are merged, who
such a thing belongs to depends on what came first (and then the events say so).

Mechanism: single values keep the newest moment (`aggregates.profile.latest`), sets and maps merge
by key, and news of something that nobody owns yet waits as a letter (`api.letters.retries`).
"""

from actors.signals import Signal
from api.demo.seeds import chance
from tests.actors.doorstep import Door
from tests.actors.shopping import each_once, folded, holds_together
from tests.faults.client import Client
from tests.faults.invariants import CLEAN
from tests.faults.invariants import everything as wrongs
from tests.faults.letters import until_none_wait
from tests.faults.news import everything, permuted, store_of_few, webhooks_of
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.sendings import Sending, repeated, webhook
from tests.faults.stage import Stage
from tests.faults.states import named, state_hash, state_hashes
from tests.faults.worlds import World
from tests.measured import Limit

WINDOW = 1_000
STORIES, SHOPPERS = 130, 3


def run(stage: Stage) -> list[Finding]:
    return [_in_process(stage), _through_the_server(stage)]


def _in_process(stage: Stage) -> Finding:
    """Resolution, decisions and a host's work over a log in memory."""
    signals, seeds = everything(1, STORIES, SHOPPERS), stage.fewer(100, 4)
    expected, refused = _state(signals, seed=None)
    counts = {"signals": len(signals), "refused": refused, "as in order": 0}
    for seed in stage.rounds(seeds):
        dice = chance("disorder", seed)
        state, refused = _state(permuted(signals, WINDOW, dice), seed)
        counts["as in order"] += state == expected
        counts["refused"] += refused
    return Finding(
        fault="signals come in disorder",
        variant="in one process",
        done=f"{seeds} permutations of all kinds of signals, each up to {WINDOW} places late",
        counts=counts,
        firm=(
            exactly("as in order", seeds),
            exactly("refused", 0),
            Limit("signals", at_least=WINDOW),
        ),
    )


def _state(signals: list[Signal], seed: int | None) -> tuple[str, int]:
    """The hash of all that is known then, and how many signals were refused."""
    door = Door()
    door.deliver(signals, cuts=None if seed is None else chance("batches", seed))
    tables = door.host.tables
    holds_together(tables)
    each_once(tables, door.delivered)
    refused = sum(outcome.refused is not None for _, outcome in door.delivered)
    return state_hash(dict(named(folded(tables, profile)) for profile in tables.keys)), refused


def _through_the_server(stage: Stage) -> Finding:
    place, runs = stage.place, stage.fewer(2, 1)
    found = [_run(stage, place, seed) for seed in stage.rounds(runs)]
    counts = {name: sum(one[name] for one in found) for name in found[0]}
    return Finding(
        fault="signals come in disorder",
        variant="through the server",
        done=f"{runs} times a shop's history of webhooks, each up to {WINDOW} places late",
        counts=counts,
        firm=(
            *CLEAN,
            exactly("as in order", runs),
            exactly("unanswered", 0),
            Limit("letters", at_least=1),
        ),
    )


def _run(stage: Stage, place: Place, seed: int) -> dict[str, int]:
    live, sandbox = place.open_shop()
    shoppers = stage.fewer(25, 4)
    with stage.journal() as in_order, stage.journal() as journal:
        Client(place.url, in_order, connections=1).send(_history(sandbox, seed, shoppers))
        disordered = repeated(_history(live, seed, shoppers), seed, WINDOW, times=1)
        Client(place.url, journal).send(disordered)
        until_none_wait(place, live, sandbox)
        hashes = [state_hash(state_hashes(place, one.namespace)) for one in (live, sandbox)]
        kept = sum(result == "kept" for result in journal.acknowledged.values())
        counts = {"as in order": int(hashes[0] == hashes[1]), "letters": kept}
        return counts | wrongs(place, journal, live)


def _history(world: World, seed: int, shoppers: int) -> list[Sending]:
    told = webhooks_of(store_of_few(seed, shoppers), world.domain)
    return [webhook(world, one, customer=0, leaves=None) for one in told]

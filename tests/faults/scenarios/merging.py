"""Many unite, part and serve the same few shoppers at once, while hosts are killed.

Sixteen clerks, through two API processes. What was acknowledged is in the log exactly once, every
shopper is what is told about them, the tables that say who stands for whom agree with the log, and
nobody waits for long. In the end two who are united and parted at once are as they were.

Mechanism: a signal was routed by what the tables said a moment ago; its host looks again whom the
profile stands for and sends it back (`Drafting._is_still_theirs`). Without, what is about somebody
who has been absorbed meanwhile is written where nobody reads it any more. A merge, its events in
both streams and the tables' rows are one transaction (`PostgresLog.append`).
"""

import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from uuid import UUID

from msgspec.structs import replace

from aggregates.profile.events.lifecycle import Lifecycle
from aggregates.profile.profile import Profile
from tests.actors.merges import content
from tests.faults.alone import another_api
from tests.faults.clerks import Clerk, Desk, answers, merge, reversal
from tests.faults.client import Client, Say
from tests.faults.index import as_the_log_says
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal
from tests.faults.ledger import Ledger
from tests.faults.place import Place, kill
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.worlds import World
from tests.measured import Limit

SHOPPERS, CLERKS = 40, 16
BETWEEN_S = 1.0  # from everything being whole to the next kill
PAIRS = 5  # united and parted again in the end
WRONG = ("redirects", "merges", "candidates", "owners", "profiles")


def run(stage: Stage) -> list[Finding]:
    place, number = stage.place, stage.fewer(20, 2)
    world, _ = place.open_shop()
    desk = Desk(world, SHOPPERS, "desk")
    with stage.journal() as journal, another_api(place, stage.folder) as (url, _):
        client = Client([place.url, url], journal, connections=CLERKS)
        with client.talking([desk.open]):
            pass
        with client.talking([Clerk(desk, nth) for nth in range(CLERKS)]):
            try:
                for nth in stage.rounds(number):
                    _killed(place, nth)
            finally:
                desk.closed.set()
        counts = Counter(_parted_at_once(place, client, desk))
        counts.update(everything(place, journal, world))
    counts.update(as_the_log_says(place, world.namespace))
    counts.update(_told(journal))
    return [_finding(number, counts, journal)]


def _killed(place: Place, nth: int) -> None:
    time.sleep(BETWEEN_S)
    kill(place.host(nth % place.settings.hosts))
    place.until_whole()


def _finding(number: int, counts: Counter[str], journal: Journal) -> Finding:
    return Finding(
        fault="merges under fire",
        done=f"{CLERKS} clerks with {SHOPPERS} shoppers, a host is killed {number} times",
        counts=counts,
        firm=(
            *CLEAN,
            *(exactly(f"wrong {name}", 0) for name in WRONG),
            *(exactly(name, 0) for name in ("unanswered", "errors of ours", "not as before")),
            Limit("merges", at_least=3 * number),
            Limit("reversals", at_least=number),
            exactly("parted at once", PAIRS),
        ),
        figures={
            "slowest answer s": max(a.answered_at - a.sent_at for a in journal.attempts),
            "p99 ms": journal.latency_ms(99),
            "attempts": len(journal.attempts),
        },
        timed=(Limit("slowest answer s", at_most=5),),
    )


def _told(journal: Journal) -> dict[str, int]:
    """A 503 asks to come again; any other 5xx, and a refusal for a bug, is our error."""
    taken = journal.acknowledged
    ours = sum(
        a.error == "internal" or ((a.status or 0) >= 500 and a.status != 503)
        for a in journal.attempts
    )
    return {
        "merges": answers(("merge",), taken, journal.told),
        "reversals": answers(("reversal",), taken, journal.told),
        "errors of ours": ours,
    }


def _parted_at_once(place: Place, client: Client, desk: Desk) -> dict[str, int]:
    """I9: those who are left, each with somebody new."""
    late = Desk(desk.world, PAIRS, "late")
    with client.talking([late.open]):
        pass
    before = _contents(place, desk.world)
    heads = [one for one in desk.profiles if UUID(one) in before]
    parted = Pairs(desk.world, list(zip(cycle(heads), late.profiles, strict=False)))
    with client.talking([parted]):
        pass
    after = _contents(place, desk.world)
    differ = sum(before.get(one) != after.get(one) for one in before.keys() | after.keys())
    return {"parted at once": parted.number, "not as before": differ}


class Pairs:
    """Whoever unites and parts them, one pair after the other."""

    def __init__(self, world: World, pairs: Sequence[tuple[str, str]]) -> None:
        self.number = 0
        self._world = world
        self._pairs = pairs

    async def __call__(self, say: Say) -> None:
        for nth, pair in enumerate(self._pairs):
            united = await say(merge(self._world, f"united-{nth}", *pair))
            parted = await say(reversal(self._world, f"parted-{nth}", str(united.made)))
            self.number += parted.accepted


def _contents(place: Place, world: World) -> dict[UUID, Profile]:
    """What is told of each who stands for themselves; not what our own clock notices meanwhile."""
    with place.connected() as connection:
        streams = Ledger(connection, place.keyring, world.namespace).streams()
        heads = {one.profile_id: one.folded() for one in streams if not one.is_absorbed}
    return {head: replace(content(told), lifecycle=Lifecycle()) for head, told in heads.items()}

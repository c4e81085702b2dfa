"""PostgreSQL has too few connections for everybody, because another application takes many, or all.

Whoever cannot be served in time is asked to come again; nobody hears why, nothing is lost, and
once there are connections again everything is as before.

Mechanism: `api_pool` waits for a connection for `WAIT_FOR_CONNECTION_S` and no longer, with a
limit on how many wait; what it and PostgreSQL say then becomes `unavailable` in `api/errors.py`.
A pool that could not connect tries again as soon as somebody wants a connection.
"""

import time
from collections import Counter
from collections.abc import Sequence

import httpx
from msgspec import Struct

from config.embedded import EmbeddedPostgres
from config.migrations import migrate
from tests.faults.beside import repeatedly, under_load
from tests.faults.client import Client
from tests.faults.hogging import hogged
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Window
from tests.faults.latencies import normal_again_s, turned_away, waited_s
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.faults.worlds import World
from tests.measured import Limit
from tests.places import NO_TLS

# More than the product ever takes, so that whoever looks afterwards can connect, too.
CONNECTIONS, OTHERS = 40, 4  # three PostgreSQL keeps, one ends ours
ALL = CONNECTIONS - OTHERS
SOME = ALL - 6
CLIENTS = 1_000  # nobody waits for a connection of its own behind those who wait for an answer
CUSTOMERS, PER_S = 200, 100
LOOK_S = 0.05
WAITS_S, NORMAL_S = 5.0, 5.0  # Shopify gives up after five
INSIDE = ("too many clients", "slots", "pool", "postgres", "psycopg", "connection")
NOTHING = ("unanswered", "unexpected answers", "rude answers", "told why")


def run(stage: Stage) -> list[Finding]:
    with EmbeddedPostgres(
        stage.folder / "postgres", {"max_connections": str(CONNECTIONS)}
    ) as server:
        migrate(server.dsn)
        with stage.running(database_url=server.dsn, api_processes=2) as place:
            lasts_s = stage.fewer(30, 4)
            return [
                _taken(stage, place, server, taken, lasts_s)
                for taken in (ALL, SOME)[: stage.fewer(2, 1)]
            ]


def _taken(
    stage: Stage, place: Place, server: EmbeddedPostgres, taken: int, lasts_s: int
) -> Finding:
    world, _ = place.open_shop()
    traffic = Traffic(seed=61, world=world, customers=CUSTOMERS)
    with stage.journal() as journal:
        client = Client(place.url, journal, connections=CLIENTS)
        client.send(traffic.first_orders())
        began = time.monotonic()
        with (
            httpx.Client(
                timeout=10, headers={"Authorization": f"Bearer {world.api_key}"}, verify=NO_TLS
            ) as reader,
            repeatedly(lambda: _read(reader, world, traffic), LOOK_S) as read,
            under_load(client, traffic, PER_S),
        ):
            time.sleep(stage.fewer(3, 1))
            since = time.monotonic()
            with hogged(server, taken):
                time.sleep(lasts_s)
            freed = time.monotonic()
            time.sleep(stage.fewer(15, 1))
        counts = everything(place, journal, world) | _said(read, journal.statuses())
        during = Window(since, freed)
        waits_s = waited_s(journal, turned_away, during)
    return Finding(
        fault="no connections left",
        variant=f"{taken} of {ALL} are another's",
        done=f"for {lasts_s} s, {CLIENTS} clients sending {PER_S}/s, two API processes",
        counts=counts,
        firm=(*CLEAN, *(exactly(name, 0) for name in NOTHING)),
        figures={
            "turned away": len(waits_s),
            "slowest to be turned away s": max(waits_s, default=0.0),
            "normal again s": normal_again_s(journal, Window(began, since), freed),
        },
        timed=(
            Limit("slowest to be turned away s", at_most=WAITS_S),
            Limit("normal again s", at_most=NORMAL_S),
        ),
    )


class Read(Struct):
    """What a reader got instead of a profile, if anything."""

    status: int
    has_retry_after: bool
    text: str


def _read(reader: httpx.Client, world: World, traffic: Traffic) -> Read:
    got = reader.get(f"{world.url}/v1/profiles", params={"shopify_customer_id": traffic.hottest})
    return Read(got.status_code, "Retry-After" in got.headers, "" if got.is_success else got.text)


def _said(read: Sequence[Read], statuses: Counter[str]) -> dict[str, int]:
    expected = {"200", "503"}
    return {
        "unexpected answers": sum(n for status, n in statuses.items() if status not in expected),
        "rude answers": sum(
            one.status != 200 and (one.status != 503 or not one.has_retry_after) for one in read
        ),
        "told why": sum(any(word in one.text.lower() for word in INSIDE) for one in read),
    }

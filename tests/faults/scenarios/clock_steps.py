"""Clocks jump: that of an API process by seconds and by an hour, forwards and back, under load;
that of a host between two batches; and that of a shop in the nights when summer time ends.

Nothing is lost, doubled or out of order, and nobody has to wait.

Mechanism: order is that of the commits, numbered by the host (`aggregates.log.heads`), and not of
any clock; patience and memory are measured by the monotonic clock; what was said first is told by
instants in UTC, whatever the time zone of who said it.
"""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from actors.signals import Signal
from aggregates.log.histories import minted_at
from api.demo.seeds import chance
from tests.actors.doorstep import Door
from tests.actors.shopping import folded, holds_together
from tests.faults.client import Client
from tests.faults.clocks import api_with_own_clock
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Window
from tests.faults.ledger import number
from tests.faults.news import everything as all_kinds
from tests.faults.nights import living_in, night, summer_ends
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.states import named, state_hash
from tests.faults.traffic import Traffic
from tests.faults.worlds import World
from tests.measured import Limit

STEPS_S = (5, -5, 3_600, -3_600, 0)
ZONES = ("America/New_York", "Europe/Dublin", "Australia/Lord_Howe")
CONNECTIONS = 16
SILENCE_S = 5.0
DISORDERED = """
    SELECT count(*) FROM (
        SELECT recorded_at < lag(recorded_at) OVER (PARTITION BY profile_id ORDER BY version) AS odd
        FROM (SELECT profile_id, version, (convert_from(state, 'UTF8')::jsonb ->> 'recorded_at')
                     ::timestamptz AS recorded_at
              FROM events WHERE namespace_id = %s) AS dated
    ) AS compared WHERE odd
"""
PROFILES = "SELECT profile_id FROM subject_keys WHERE namespace_id = %s"


def run(stage: Stage) -> list[Finding]:
    return [_of_the_api(stage), _of_a_host(stage), _of_the_shop()]


def _of_the_api(stage: Stage) -> Finding:
    place, rounds = stage.place, stage.fewer(5, 1)
    world, _ = place.open_shop()
    traffic = Traffic(seed=61, world=world, customers=stage.fewer(5_000, 300))
    with api_with_own_clock(place, stage.folder) as clock, stage.journal() as journal:
        client = Client(clock.url, journal, CONNECTIONS)
        since = time.monotonic()
        for _ in stage.rounds(rounds):
            for seconds in STEPS_S:
                with client.sending(traffic.take(stage.fewer(400, 120))):
                    journal.until_taken(50)
                    clock.step(seconds)
        counts = everything(place, journal, world)
        counts |= {"5xx": journal.server_errors(), **_dated(place, world)}
    shoppers = {told.profile_key for told in journal.told.values()}
    return Finding(
        fault="a clock jumps",
        variant="an API process's",
        done=f"{rounds} times by 5 s and by 1 h, forwards and back, under load",
        counts=counts,
        firm=(
            *CLEAN,
            *(exactly(name, 0) for name in ("unanswered", "5xx", "recorded out of order")),
            exactly("profiles", len(shoppers)),
            Limit("minted in the future", at_least=1),
        ),
        figures={
            "longest silence s": journal.longest_silence_s(Window(since=since)),
            "p99 ms": journal.latency_ms(99),
        },
        timed=(Limit("longest silence s", at_most=SILENCE_S),),
    )


def _dated(place: Place, world: World) -> dict[str, int]:
    """Ids are minted by the API, moments are recorded by the hosts, whose clock is right."""
    ahead = datetime.now(UTC) + timedelta(minutes=30)
    with place.connected() as connection:
        ids = [row[0] for row in connection.execute(PROFILES, (world.namespace,))]
        disordered = number(connection, DISORDERED, world.namespace)
    return {
        "recorded out of order": disordered,
        "profiles": len(ids),
        "minted in the future": sum(minted_at(one) > ahead for one in ids),
    }


def _of_a_host(stage: Stage) -> Finding:
    """Its work in this process, told ever other times."""
    signals, seeds = all_kinds(2, stories=40, shoppers=1), stage.fewer(50, 5)
    expected = _state(_delivered(signals))
    same = 0
    for seed in range(seeds):
        door = Door()
        dice = chance("clock", seed)
        for place in range(0, len(signals), 20):
            door.host.now += timedelta(seconds=dice.choice((5, -5, 3_600, -3_600)))
            door.deliver(signals[place : place + 20], cuts=dice)
        same += _state(door) == expected
    return Finding(
        fault="a clock jumps",
        variant="a host's, between batches",
        done=f"{len(signals)} signals, {seeds} times, by 5 s and by 1 h, forwards and back",
        counts={"as with a steady clock": same},
        firm=(exactly("as with a steady clock", seeds),),
    )


def _of_the_shop() -> Finding:
    """What a shop tells in its own time is what it would tell in UTC, wherever we run."""
    same = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        began = summer_ends(zone)
        told = night(zone, began)
        chance("night", name).shuffle(told)
        with living_in(name):
            there = _state(_delivered(told))
        same += there == _state(_delivered(night(UTC, began)))
    return Finding(
        fault="a clock jumps",
        variant="the shop's, when summer time ends",
        done=f"news every ten minutes of that night in {', '.join(ZONES)}, in disorder",
        counts={"as told in UTC": same},
        firm=(exactly("as told in UTC", len(ZONES)),),
    )


def _delivered(signals: list[Signal]) -> Door:
    door = Door()
    door.deliver(signals)
    return door


def _state(door: Door) -> str:
    """The hash of what the log tells, which must be what the host remembers."""
    tables = door.host.tables
    holds_together(tables)
    told = {profile: folded(tables, profile) for profile in tables.keys}
    assert all(door.host.remembers(profile) == told[profile] for profile in told)
    return state_hash(dict(map(named, told.values())))

"""What it costs to look at everybody for one segment, and to keep a hundred segments up.

A shop is made up in the tables that rules look at. A segment is recomputed as the clock does it
when a rule has changed; beside it somebody who knows SQL keeps the same by hand. Then customers
buy, and all segments are kept up page by page, as while the log is read.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
import psutil
import psycopg

from aggregates.log.following import Changes
from aggregates.log.keys import Sealer
from aggregates.log.record import Record
from aggregates.log.residents import Resident
from aggregates.profile.events.visits import PageSeen
from aggregates.profile.profile import Profile
from aggregates.profile.source import Source
from config.embedded import EmbeddedPostgres
from config.migrations import migrate
from projections.segments.clock import FOR_EVERYBODY
from projections.segments.definitions import Definition
from projections.segments.membership import Segments, Why, settle
from projections.segments.parsing import parsed
from projections.segments.rule import Rule
from projections.segments.setting import Setting
from projections.windows import Windows
from tests.bench.crowd import NAMESPACE, settle_down
from tests.bench.place import Bench
from tests.bench.report import Row
from tests.bench.segments_by_hand import DIFFERENT, REACHABLE, REGULARS, TABLES, Asked, keep
from tests.measured import Limit

PART = "segments"
CUSTOMERS, TURNS = 1_000_000, 3
SEGMENTS, PAGE, PAGES = 100, 1_000, 10
KINDS = (
    "bought at least {} times in the last 90 days",
    "average order value over {}0 and opted into email",
    'bought product "p{}" at least 1 time',
    "stage is at_risk, churned and visits at least {}",
    "messages opened at least {} in the last 30 days",
    "lifetime spend over {}00 or tagged \"vip\"",
    "last order more than {} days ago and country is \"DE\"",
    "engagement at least {}",
    "may receive email apart from quiet hours and visits over {}",
    "order total over {}0 in the last 60 days and not tagged \"vip\"",
)  # fmt: skip
MEMBERS = "SELECT count(*) FROM rm_segments.members WHERE segment_id = %(segment)s"
PUT = "INSERT INTO segments VALUES (%s, 1, %s, %s, 1, now(), now())"
BUY = """
    INSERT INTO rm_purchases.orders
    SELECT profile_id, 'again-' || %(page)s, profile_id, 1, now(), NULL, 9000, 0, 0, 'EUR', 'web',
        'paid', NULL, NULL, true
    FROM unnest(%(whom)s::uuid[]) AS buying (profile_id)
"""
NOTED = """
    UPDATE rm_customers.customers SET orders = orders + 1, spend = spend + 9000,
        last_order_at = now(), last_activity_at = now() WHERE profile_id = ANY(%(whom)s)
"""
SOME = "SELECT profile_id FROM rm_customers.customers ORDER BY random() LIMIT %s"
PLACES = ("America/New_York", "Europe/Berlin")


class Place(NamedTuple):
    connection: psycopg.Connection
    count: int


class Took(NamedTuple):
    """Seconds."""

    ours: float
    by_hand: float


def measure(bench: Bench) -> Iterator[Row]:
    folder, count = bench.folder / PART, bench.fewer(CUSTOMERS, 50_000)
    folder.mkdir(mode=0o711)
    with EmbeddedPostgres(folder / "postgres") as running:
        migrate(running.dsn)
        with psycopg.connect(running.dsn, autocommit=True) as connection:
            bench.said(f"making up {count:,} customers")
            settle_down(connection, count)
            place = Place(connection, count)
            connection.execute(FOR_EVERYBODY)
            connection.execute(TABLES)
            for asked in (REGULARS, REACHABLE):
                bench.said(asked.said)
                yield _recomputed(place, asked)
            bench.said(f"customers buy, {SEGMENTS} segments are kept up")
            yield _kept_up(place)


def _recomputed(place: Place, asked: Asked) -> Row:
    """As the clock does it, in turns with the same by hand: whoever enters or leaves is told of.
    The first time all enter, then hardly anybody. One before that reads all into memory."""
    _both(place, _segment(asked.said), asked.by_hand)
    segment = _segment(asked.said)
    first, *again = (_both(place, segment, asked.by_hand) for _ in range(1 + TURNS))
    ours, by_hand = (median(times) for times in zip(*again, strict=True))
    values = {"segment": segment.segment_id}
    figures = {
        "s": ours,
        "s by hand": by_hand,
        "x by hand": ours / by_hand,
        "s the first time": first.ours,
        "s the first time by hand": first.by_hand,
        "x by hand the first time": first.ours / first.by_hand,
        "members": _count(place, MEMBERS, values),
        "different answers": _count(place, DIFFERENT, values),
    }
    limits = (
        Limit("s", at_most=5),
        Limit("x by hand", at_most=2),
        Limit("different answers", at_most=0),
    )
    return Row(PART, f"everybody of {place.count:,} looked at: {asked.said}", figures, limits)


def _both(place: Place, segment: Definition, by_hand: str) -> Took:
    """At the same instant: time alone changes answers."""
    now = datetime.now(UTC)
    values = {"segment": segment.segment_id, "now": now}
    return Took(
        _timed(lambda: _settle(place, segment, now)),
        _timed(lambda: keep(place.connection, by_hand, values)),
    )


def _kept_up(place: Place) -> Row:
    """The same customers buy again and again; the first time, those who are in enter."""
    for nth in range(SEGMENTS):
        _make(place, parsed(KINDS[nth % len(KINDS)].format(1 + nth // len(KINDS))))
    whom = [one for (one,) in place.connection.execute(SOME, (PAGE * PAGES,)).fetchall()]
    model, took = Segments(Windows()), list[float]()
    server, used = psutil.Process(place.connection.info.backend_pid), 0.0
    for turn in range(3):
        for page in range(PAGES):
            buying = whom[page * PAGE : (page + 1) * PAGE]
            for statement in (BUY, NOTED):
                place.connection.execute(statement, {"page": turn, "whom": buying})
            before = _processor_s(server)
            took.append(_timed(lambda b=buying: _absorbed(place, model, b)))
            used += _processor_s(server) - before
    figures = {
        "events/s": PAGE * PAGES * 2 / sum(took[PAGES:]),
        "events/s where many enter": PAGE * PAGES / sum(took[:PAGES]),
        "events a processor s of the database": PAGE * len(took) / used,
    }
    subject = f"{SEGMENTS} segments of {place.count:,} customers, {PAGE:,} customers a page"
    return Row(PART, subject, figures, (Limit("events/s", at_least=1_000),))


def _absorbed(place: Place, model: Segments, whom: list[UUID]) -> None:
    sealer, now = Sealer(bytes(32)), datetime.now(UTC)
    records = [
        Record(
            stream=one, version=1, subject=one, event=PageSeen(visit_id="v"), occurred_at=now,
            recorded_at=now, command_id="c", by="bench", source=Source("shopify"),
        )
        for one in whom
    ]  # fmt: skip
    held = {one: Resident(Profile(), 1, NAMESPACE, sealer) for one in whom}
    with place.connection.transaction():
        place.connection.execute("SET LOCAL search_path = rm_segments, public")
        model.absorb(place.connection, Changes(records, held, {}))


def _segment(said: str) -> Definition:
    now = datetime.now(UTC)
    return Definition(uuid4(), NAMESPACE, said, parsed(said), 1, now, now)


def _settle(place: Place, segment: Definition, now: datetime) -> None:
    with place.connection.transaction():
        settle(place.connection, segment, Setting(now, places=PLACES), Why("rule"))


def _make(place: Place, rule: Rule) -> None:
    segment = uuid4()
    place.connection.execute(PUT, (segment, str(segment), msgspec.json.encode(rule).decode()))
    place.connection.execute("INSERT INTO rm_segments.settled VALUES (%s, 1, now(), 0)", (segment,))


def _count(place: Place, query: str, values: Mapping[str, object]) -> int:
    row = place.connection.execute(query.encode(), values).fetchone()
    assert row is not None, "a count has one row"
    return int(row[0])


def _processor_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started

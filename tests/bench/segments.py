"""What it costs to look at everybody for one segment, and to keep a hundred segments up.

A shop is made up in the tables that rules look at. A segment is recomputed as the clock does it
when a rule has changed; beside it somebody who knows SQL asks the same by hand. Then customers buy,
and all segments are kept up page by page, as while the log is read.
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
from projections.segments.compile import compiled
from projections.segments.definitions import Definition
from projections.segments.membership import Segments, Why, settle
from projections.segments.parsing import parsed
from projections.segments.rule import Rule
from projections.segments.setting import Setting
from projections.windows import Windows
from tests.bench.crowd import NAMESPACE, settle_down
from tests.bench.place import Bench
from tests.bench.report import Row
from tests.measured import Limit

PART = "segments"
CUSTOMERS, TURNS = 1_000_000, 3
SEGMENTS, PAGE, PAGES = 100, 1_000, 10
REGULARS = (
    "bought at least 2 times in the last 90 days and opted into WhatsApp"
    " and average order value over 80"
)
BY_HAND = """
    SELECT count(*) FROM rm_customers.customers AS c
    JOIN (SELECT profile_id FROM rm_purchases.orders WHERE namespace_id = 1 AND counts
            AND placed_at > %(now)s - interval '90 days' AND placed_at <= %(now)s
        GROUP BY profile_id HAVING count(*) >= 2) AS lately USING (profile_id)
    JOIN (SELECT profile_id, currency FROM rm_purchases.orders WHERE namespace_id = 1 AND counts
        GROUP BY profile_id, currency HAVING avg(total) > 8000) AS ever USING (profile_id, currency)
    JOIN rm_reach.standings AS s ON s.profile_id = c.profile_id AND s.channel = 'whatsapp'
        AND s.state = 'subscribed' AND s.since <= %(now)s
        AND (s.until IS NULL OR s.until > %(now)s)
    WHERE c.namespace_id = 1
"""
REACHABLE = (
    "may receive email now and engagement at least 50 and stage is converted, loyal and"
    " fatigue under 0.5"
)
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
            for said in (REGULARS, REACHABLE):
                bench.said(said)
                yield _recomputed(place, said)
            yield _compared(place)
            bench.said(f"customers buy, {SEGMENTS} segments are kept up")
            yield _kept_up(place)


def _recomputed(place: Place, said: str) -> Row:
    """As the clock does it: whoever enters or leaves is told of."""
    segment = _segment(said)
    first = _timed(lambda: _settle(place, segment))
    figures = {
        "s": median(_timed(lambda: _settle(place, segment)) for _ in range(TURNS)),
        "s the first time": first,
        "members": _count(place, MEMBERS, {"segment": segment.segment_id}),
    }
    subject = f"everybody of {place.count:,} looked at: {said}"
    return Row(PART, subject, figures, (Limit("s", at_most=5),))


def _compared(place: Place) -> Row:
    """Who meets the rule now, in turns."""
    now, counts = datetime.now(UTC), set[int]()
    found = compiled(parsed(REGULARS), Setting(now, places=PLACES))
    ours = f"SELECT count(*) FROM {found.source} AND {found.inside}"  # noqa: S608  # our own words
    asked = ((ours, {**found.values, "namespace": NAMESPACE}), (BY_HAND, {"now": now}))
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(TURNS):
        for (query, values), times in zip(asked, took, strict=True):
            times.append(_timed(lambda q=query, v=values: counts.add(_count(place, q, v))))
    times_s = [median(times) for times in took]
    figures = {"s": times_s[0], "s by hand": times_s[1], "x by hand": times_s[0] / times_s[1]}
    figures["different answers"] = len(counts) - 1
    limits = (Limit("x by hand", at_most=2), Limit("different answers", at_most=0))
    return Row(PART, "who meets the first rule, beside SQL by hand", figures, limits)


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


def _settle(place: Place, segment: Definition) -> None:
    with place.connection.transaction():
        settle(place.connection, segment, Setting(datetime.now(UTC), places=PLACES), Why("rule"))


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

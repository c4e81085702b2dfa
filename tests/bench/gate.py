"""How many sends the gate decides: a campaign that asks by the thousand, and one by one.

Every tenth customer never agreed, so that some are blocked. A visit of each of the same customers,
sent the same way in turns, shows what a command costs of which nothing must be decided. Afterwards
the log is read: each answer must have left exactly one event, of its kind.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import NamedTuple

import psycopg

from api.routes import commands
from config.database import running_database
from tests.bench.commands import CONNECTIONS, LINES, Answer, Bulk, Client, command, in_bulk
from tests.bench.deliveries import CHUNK, Deliveries, framed
from tests.bench.place import Bench, Deployment, deployment
from tests.bench.processes import cpu_s
from tests.bench.report import Row
from tests.bench.subjects import Subject
from tests.measured import Limit

PART = "gate"
CUSTOMERS, TURNS = 20_000, 3
SINGLE_CONNECTIONS = 64
STRANGERS = 10  # every so many-th never agreed
ROOM = {"daily_cap": 10, "channel_caps": {"email": 10}, "fatigue_threshold": 1.0}
RESERVED, BLOCKED = "messages.reserved", "messages.blocked"
STORED = """
    SELECT convert_from(state, 'UTF8')::jsonb ->> 'command_id', topic, count(*) FROM events
    WHERE topic IN ('messages.reserved', 'messages.blocked') GROUP BY 1, 2
"""
PROMISED = (Limit("decisions/s", at_least=5_000), Limit("undecided", at_most=0))


class Turn(NamedTuple):
    """The same number of both, one after the other."""

    sends: Bulk
    visits: Bulk


def measure(bench: Bench) -> Iterator[Row]:
    folder = bench.folder / PART
    folder.mkdir(mode=0o711)
    with deployment(folder / "ours") as ours:
        bench.said("making customers known who agreed to be written to")
        customers = known(ours, bench.fewer(CUSTOMERS, 4_000))
        cost: Counter[str] = Counter()
        turns = [_turn(bench, ours, customers, nth, cost) for nth in range(TURNS)]
        said = {
            _name(nth, at): one
            for nth, turn in enumerate(turns)
            for at, one in enumerate(turn.sends.answers)
        }
        yield from _bulk_rows(turns, cost)
        deliveries = Deliveries(folder / "requests", 0, partial(_singles, ours.api_key, customers))
        single = Subject("one", ours.url + commands.PATH, bench.fewer(6, 2), ours)
        yield _single_row(bench, single, deliveries)
        yield _proof(ours, said, deliveries.ids[: single.taken], single.answered)


def known(ours: Deployment, count: int) -> list[str]:
    """Ids of customers, nine of ten of whom agreed to e-mail."""
    Client(ours).change_settings(messaging=ROOM)
    mails = [f"customer-{nth}@shop.example" for nth in range(count)]
    seen = [
        command("RecordVisit", f"first-{nth}", {"email": mail}, visit_id=f"first-{nth}")
        for nth, mail in enumerate(mails)
    ]
    customers = [answer.profile_id for answer in in_bulk(ours, seen).answers]
    agreed = [
        command("GrantConsent", f"yes-{nth}", {"id": one}, channel="email", address=mail)
        for nth, (one, mail) in enumerate(zip(customers, mails, strict=True))
        if nth % STRANGERS
    ]
    assert {answer.status for answer in in_bulk(ours, agreed).answers} == {200}
    return customers


def _turn(
    bench: Bench, ours: Deployment, customers: Sequence[str], nth: int, cost: Counter[str]
) -> Turn:
    """Which of the two comes first changes; `cost` grows by what the sends took."""
    visits = None if nth % 2 == 0 else in_bulk(ours, _visits(customers, nth))
    asked = [_request(_name(nth, at), one) for at, one in enumerate(customers)]
    before = cpu_s(ours)
    sends = in_bulk(ours, asked)
    cost.update({name: used - before[name] for name, used in cpu_s(ours).items()})
    turn = Turn(sends, visits or in_bulk(ours, _visits(customers, nth)))
    bench.said(f"{turn.sends.per_s:,.0f} sends/s, {turn.visits.per_s:,.0f} visits/s")
    return turn


def _name(turn: int, at: int) -> str:
    return f"send-{turn}-{at}"


def _request(name: str, customer: str) -> bytes:
    return command("RequestSend", name, {"id": customer}, channel="email", source="campaign")


def _visits(customers: Sequence[str], turn: int) -> list[bytes]:
    return [
        command("RecordVisit", f"visit-{turn}-{at}", {"id": one}, visit_id=f"visit-{turn}-{at}")
        for at, one in enumerate(customers)
    ]


def _singles(api_key: str, customers: Sequence[str], seed: int, _: int) -> tuple[bytes, list[str]]:
    """Framed requests and their ids; nobody is asked about twice before everybody was once."""
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
    places = range((seed - 1) * CHUNK, seed * CHUNK)
    ids = [f"single-{place}" for place in places]
    asked = [
        _request(name, customers[place % len(customers)])
        for name, place in zip(ids, places, strict=True)
    ]
    return b"".join(framed((headers, one), commands.PATH) for one in asked), ids


def _bulk_rows(turns: Sequence[Turn], cost: Counter[str]) -> Iterator[Row]:
    how = f"{LINES:,} lines a request, {CONNECTIONS} connections"
    answers = [answer for turn in turns for answer in turn.sends.answers]
    seconds = sum(turn.sends.seconds for turn in turns)
    figures = {
        "decisions/s": len(answers) / seconds,
        "x visits": median(turn.sends.per_s / turn.visits.per_s for turn in turns),
        "allowed": sum(_topic(answer) == RESERVED for answer in answers),
        "blocked": sum(_topic(answer) == BLOCKED for answer in answers),
        "undecided": sum(_topic(answer) is None for answer in answers),
    }
    yield Row(PART, f"sends, {how}", figures, PROMISED)
    visits = sum(len(turn.visits.answers) for turn in turns)
    took = sum(turn.visits.seconds for turn in turns)
    yield Row(PART, "visits the same way, for comparison", {"commands/s": visits / took})
    per_send = {f"{name} ms": used / len(answers) * 1e3 for name, used in cost.items()}
    yield Row(PART, "processor time per send", per_send)


def _single_row(bench: Bench, single: Subject, deliveries: Deliveries) -> Row:
    single.warm_up(deliveries, SINGLE_CONNECTIONS)
    for _ in range(bench.fewer(3, 1)):
        load = single.load(deliveries, SINGLE_CONNECTIONS)
        bench.said(f"one by one: {load.per_s:,.0f} sends/s")
    figures = {
        "decisions/s": single.middle(SINGLE_CONNECTIONS, "per_s"),
        "p50 ms": single.middle(SINGLE_CONNECTIONS, "p50_ms"),
        "p99 ms": single.middle(SINGLE_CONNECTIONS, "p99_ms"),
        "not 200": sum(load.failed for load in single.loads[SINGLE_CONNECTIONS]),
    }
    subject = f"sends one by one, {SINGLE_CONNECTIONS} connections"
    return Row(PART, subject, figures, (Limit("not 200", at_most=0),))


def _proof(ours: Deployment, said: dict[str, Answer], singles: Iterable[str], answered: int) -> Row:
    """Of single sends wrk tells only how many were answered, not how."""
    with running_database(ours.settings) as dsn, psycopg.connect(dsn) as connection:
        stored: dict[str, Counter[str]] = {}
        for name, topic, times in connection.execute(STORED).fetchall():
            stored.setdefault(name, Counter())[topic] = times
    found = [stored[name].total() for name in singles if name in stored]
    figures = {
        "decided in bulk": len(said),
        "not exactly one event": sum(
            stored.get(name) != Counter({_topic(one): 1}) for name, one in said.items()
        ),
        "decided one by one": answered,
        "with two events": sum(times != 1 for times in found),
        "answered and not stored": max(0, answered - len(found)),
    }
    wrong = ("not exactly one event", "with two events", "answered and not stored")
    limits = tuple(Limit(name, at_most=0) for name in wrong)
    return Row(PART, "proof by SQL", figures, limits)


def _topic(answer: Answer) -> str | None:
    """The event that an answer must have left."""
    if answer.decision is None:
        return None
    return RESERVED if answer.decision.allowed else BLOCKED

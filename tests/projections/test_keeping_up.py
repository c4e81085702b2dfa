"""However the log is cut into pages, and whatever is passed over, the tables are those made at
once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregates.log.port import SHARDS
from aggregates.profile.decide import Command
from aggregates.profile.decisions.contact import AddTags, SetContact
from aggregates.profile.decisions.lifecycle import RecordStage
from aggregates.profile.decisions.orders import RecordOrder, RecordRefund
from aggregates.profile.decisions.visits import RecordVisit
from aggregates.profile.items import Item
from aggregates.profile.money import Price
from projections.changes import ChangeFeed
from projections.customers import Customers
from projections.keeping import OUTAGES
from projections.likeness import Likeness
from projections.purchases import Purchases
from projections.readmodel import ReadModel
from projections.runner import Runner
from projections.stages import Stages
from projections.visits import VisitTimes
from tests.actors.shopping import ADA, KEYRING, known, order, signal, to
from tests.given import NOON
from tests.projections.store import Seen, Store, catch_up, running

LATER = datetime(2027, 3, 1, tzinfo=UTC)
EXAMPLES = count(1)
DO, READ, STUMBLE, UNITE, PART = "do", "read", "stumble", "unite", "part"
MODELS: tuple[ReadModel, ...] = (
    Likeness(KEYRING),
    Stages(now=lambda: LATER),
    Customers(),
    Purchases(),
    VisitTimes(),
    ChangeFeed(),
)
# Without what depends on when somebody looked: the pairs of those who may be one person, the number
# a change was given, and how much of a customer had been read.
TABLES = (
    "SELECT * FROM rm_likeness{}.match_keys ORDER BY profile_id, digest",
    "SELECT profile_id, stage, since, active_stage, active_at, recorded_stage, due_at"
    " FROM rm_stages{}.stages ORDER BY profile_id",
    "SELECT * FROM rm_customers{}.customers ORDER BY profile_id",
    "SELECT * FROM rm_customers{}.spellings ORDER BY namespace_id, word",
    "SELECT * FROM rm_purchases{}.orders ORDER BY subject, order_id",
    "SELECT * FROM rm_purchases{}.lines ORDER BY subject, order_id, line",
    "SELECT * FROM rm_visits{}.visits ORDER BY profile_id, visit_id",
    "SELECT change_id, kind, profile_id, data FROM rm_changes{}.changes ORDER BY change_id",
)
ITEMS = tuple(Item(quantity=1, product_id=p, title=p) for p in ("mug", "pen"))
COMMANDS: tuple[Command, ...] = (
    SetContact(first_name="Ada", last_name="Lane"),
    SetContact(first_name="Eve", birthday="1984-05-17"),
    AddTags(tags=("vip",)),
    RecordVisit(visit_id="one"),
    RecordVisit(visit_id="two"),
    RecordOrder(order_id="a", placed_at=NOON, total=Price("5.00", "EUR"), items=ITEMS),
    RecordOrder(order_id="a", placed_at=NOON, total=Price("4.00", "EUR"), items=ITEMS[:1]),
    RecordOrder(order_id="b", placed_at=NOON, total=Price("7.00", "EUR"), items=ITEMS),
    RecordRefund(order_id="a", refund_id="r", amount=Price("1.00", "EUR")),
    RecordStage(NOON),
)
STEPS = st.one_of(
    st.tuples(st.just(DO), st.integers(0, 2), st.sampled_from(COMMANDS), st.integers(-90, 90)),
    st.tuples(
        st.sampled_from((READ, READ, STUMBLE, UNITE, PART)), st.just(0), st.none(), st.just(0)
    ),
)
Steps = Sequence[tuple[str, int, Command | None, int]]


class Shoppers:
    """Three of them; the second may be part of the first for a while, once: who was parted is
    kept apart."""

    def __init__(self, store: Store, runner: Runner, example: int) -> None:
        self._store = store
        self._runner = runner
        self._ids = [UUID(int=(example << 16) + 4 * example + n) for n in range(3)]
        self._merge = UUID(int=example << 32)
        self._united = self._parted = False

    def go(self, step: str, who: int, command: Command | None, minutes: int) -> None:
        one, other, _ = self._ids
        if step == READ:
            catch_up(self._runner)
        elif step == STUMBLE:  # the pages are small then
            for _ in range(6):
                self._runner.begin_again()
        elif step == UNITE and self._may_unite():
            self._store.unite(one, other, self._merge)
            self._united = True
        elif step == PART and self._united:
            self._store.part(one, self._merge)
            self._united, self._parted = False, True
        elif command is not None:
            self._tell(self._ids[who], command, NOON + timedelta(minutes=minutes))

    def _may_unite(self) -> bool:
        both_known = len(self._store.log.keys(self._ids[:2])) == 2
        return both_known and not self._united and not self._parted

    def _tell(self, subject: UUID, command: Command, at: datetime) -> None:
        apart = not self._united or subject != self._ids[1]
        head = subject if apart else self._ids[0]
        mail = known(email=f"{subject.int}@mail.example")
        routed = replace(to(head, signal(command, by=mail, at=at)), subject=subject)
        (outcome,) = self._store.host.apply(routed)
        assert outcome.refused is None, outcome


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, min_size=4, max_size=30))
def test_kept_up_by_pages_or_made_at_once_they_are_equal(store: Store, steps: Steps) -> None:
    example = next(EXAMPLES)
    with running(store, *MODELS) as runner:
        shoppers = Shoppers(store, runner, example)
        for step in steps:
            shoppers.go(*step)
        catch_up(runner)
    anew = f"_{example}"
    at_once = store.runner(*MODELS, suffix=anew)
    catch_up(at_once)
    at_once.close()
    for table in TABLES:
        assert store.rows(table.format("")) == store.rows(table.format(anew)), table
    for model in MODELS:
        store.execute(f"DROP SCHEMA rm_{model.name}{anew} CASCADE")


@pytest.mark.parametrize(
    ("table", "news"),
    [
        ("rm_likeness.match_keys", order("2")),
        ("rm_purchases.orders", RecordVisit(visit_id="v")),
        ("rm_customers.customers", RecordStage(NOON)),
        ("rm_stages.stages", SetContact(locale="de-DE")),
    ],
)
def test_news_that_cannot_change_a_row_leave_it_unwritten(
    store: Store, table: str, news: Command
) -> None:
    store.tell(ADA, SetContact(first_name="Ada", last_name="Lane"), order("1"))
    written = f"SELECT ctid::text, xmin::text FROM {table} ORDER BY 1"  # noqa: S608 - our own
    with running(store, *MODELS) as runner:
        catch_up(runner)
        before = store.rows(written)
        store.tell(ADA, news)
        assert catch_up(runner) > 0
    assert before
    assert store.rows(written) == before


def test_who_was_parked_is_dealt_with_whatever_comes(store: Store) -> None:
    orders = frozenset({"orders.placed"})
    store.tell(ADA, order("1"))
    with running(store, Seen(poison=frozenset({ADA}), moved_by=orders)) as runner:
        catch_up(runner)
    store.tell(ADA, SetContact(first_name="Ada"))
    with running(store, Seen(moved_by=orders)) as mended:
        catch_up(mended)
    assert store.rows("SELECT profile_id, orders FROM rm_seen.seen") == [(ADA, 1)]
    assert store.rows("SELECT * FROM rm_seen.parked") == []


def test_workers_that_begin_and_work_at_once_end_as_one_would(store: Store) -> None:
    people = [UUID(int=n) for n in range(1, 41)]
    for nth, one in enumerate(people):
        bought = replace(order(f"of {one}"), items=ITEMS)
        store.tell(one, SetContact(first_name="Ada", last_name="Lane"), bought)
        store.tell(one, RecordVisit(visit_id="one"), AddTags(tags=("vip",)))
        if nth % 4 == 3:  # words, homes and customers that are in shards of both
            store.unite(people[nth - 2], one, UUID(int=nth))
    runners = [store.runner(*MODELS, shards=range(n, SHARDS, 2)) for n in range(2)]
    with ThreadPoolExecutor(len(runners)) as workers:
        assert all(workers.map(caught_up, runners))
    at_once = store.runner(*MODELS, suffix="_at_once")
    catch_up(at_once)
    for runner in (*runners, at_once):
        runner.close()
    for table in TABLES:
        rows = store.rows(table.format(""))
        assert rows, table
        assert rows == store.rows(table.format("_at_once")), table


def caught_up(runner: Runner) -> int:
    """As `catch_up`, of one who may stand in another's way; the number of events."""
    read = 0
    while True:
        try:
            if not (step := runner.step()):
                return read
            read += step
        except OUTAGES:
            runner.begin_again()

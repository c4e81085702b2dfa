"""A shop with segments, at a time that the test sets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
import psycopg

from projections.changes import ChangeFeed
from projections.customers import Customers
from projections.purchases import Purchases
from projections.reach import Reach
from projections.readmodel import ReadModel
from projections.runner import Runner
from projections.segments.clock import Clock
from projections.segments.ending import END
from projections.segments.membership import Segments
from projections.segments.parsing import parsed
from projections.stages import Stages
from projections.visits import VisitTimes
from projections.windows import Windows
from tests.actors.shopping import SHOP
from tests.given import NOON
from tests.projections.store import Store, catch_up, running

LATELY, BUYERS = UUID(int=1), UUID(int=2)
PUT = """
    INSERT INTO segments VALUES (%s, %s, %s, %s, 1, %s, %s)
    ON CONFLICT (segment_id) DO UPDATE
    SET rule = excluded.rule, revision = segments.revision + 1
"""


def kept(now: Callable[[], datetime]) -> tuple[ReadModel, ...]:
    """The read models that segments are made of, and they themselves."""
    shops = Windows()
    stages = Stages(shops.of, now, shops.look)
    return (
        stages,
        Customers(),
        Purchases(),
        Reach(),
        VisitTimes(),
        Segments(shops, now),
        ChangeFeed(),
    )


class Shop(NamedTuple):
    """A store and its segments at a time that the test sets."""

    store: Store
    runner: Runner
    clock: Clock
    time: list[datetime]

    def has(self, segment: UUID, said: str) -> None:
        """A rule under the id of the segment, in words."""
        rule = msgspec.json.encode(parsed(said)).decode()
        with psycopg.connect(self.store.dsn) as connection:
            connection.execute(PUT, (segment, SHOP, segment.hex, rule, NOON, NOON))

    def ends(self, segment: UUID) -> None:
        """It is thrown away."""
        with psycopg.connect(self.store.dsn) as connection:
            connection.execute(END, (segment, self.time[0]))

    def settles(self) -> None:
        catch_up(self.runner)
        while self.clock.step():
            pass

    def passes(self, **time: float) -> None:
        self.time[0] += timedelta(**time)
        while self.clock.step():
            pass

    def members(self, segment: UUID) -> set[UUID]:
        query = f"SELECT profile_id FROM rm_segments.members WHERE segment_id = '{segment}'"  # noqa: S608
        return {profile for (profile,) in self.store.rows(query)}

    def changes(self) -> list[tuple[UUID, bool, str]]:
        query = "SELECT profile_id, entered, cause FROM segment_changes ORDER BY change_id"
        return [(profile, entered, cause) for profile, entered, cause in self.store.rows(query)]


@contextmanager
def opened(store: Store) -> Iterator[Shop]:
    now = [NOON]
    with running(store, *kept(lambda: now[0])) as runner:
        clock = Clock(store.dsn, lambda: now[0])
        yield Shop(store, runner, clock, now)
        clock.close()

"""Shoppers with a past of a given length, written by a host's own code into a real log."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from actors.shard import ShardWork
from actors.signals import Routed, Signal, Step
from aggregates.log.keys import Keyring
from aggregates.log.postgres import PostgresLog
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.decisions.visits import RecordProductView
from aggregates.profile.identifiers import Identifier
from aggregates.profile.money import Price
from aggregates.profile.source import Source

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = 50  # events of one signal
BATCH = 50  # signals
PRICE = Price("12.50", "GBP")


def written(dsn: str, keyring: Keyring, namespace: int, shoppers: int, events: int) -> list[UUID]:
    """Each ends where its last snapshot is still due, so that readers fold as much as they ever do.

    Only for multiples of a snapshot's distance, and for one event.
    """
    log = PostgresLog(dsn)
    work = ShardWork(log, keyring)
    profiles = [uuid7() for _ in range(shoppers)]
    for at in range(0, shoppers, BATCH):
        for routed in _histories(profiles[at : at + BATCH], namespace, events):
            work.save_snapshots()
            outcomes = work.apply(routed, datetime.now(UTC))
            assert not any(outcome.refused for outcome in outcomes), outcomes[0]
        assert {outcome.version for outcome in outcomes} == {events}, outcomes[0]
    log.close()
    return profiles


def _histories(profiles: list[UUID], namespace: int, events: int) -> Iterator[list[Routed]]:
    """The first event links a cookie; the others look at products."""
    for first in range(0, events, STEPS):
        numbers = range(max(first, 1), min(first + STEPS, events))
        yield [_routed(profile, namespace, first, numbers) for profile in profiles]


def _routed(profile: UUID, namespace: int, first: int, numbers: range) -> Routed:
    known = (Identifier("cookie", str(profile)),)
    signal = Signal(
        id=f"bench:{profile}:{first}",
        namespace=namespace,
        occurred_at=OPENED + timedelta(minutes=first),
        source=Source("pixel"),
        by="pixel",
        identifiers=known if first == 0 else (),
        steps=tuple(_looked(number) for number in numbers),
    )
    recognised = Recognise(identifiers=signal.identifiers, others=(), disputed=(), decided_by="")
    return Routed(profile, first == 0, recognised, signal)


def _looked(number: int) -> Step:
    view = RecordProductView(
        product_id=str(1_000 + number),
        title="RED SPOTTED TEA TOWEL",
        price=PRICE,
        visit_id=f"visit-{number // 10}",
    )
    return Step(OPENED + timedelta(minutes=number), view)

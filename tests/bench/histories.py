"""Shoppers with a past of a given length, written by a host's own code into a real log."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from actors.shard import ShardWork
from actors.signals import Routed, Signal, Step
from aggregates.log.keys import Keyring
from aggregates.log.postgres import PostgresLog
from aggregates.profile.decide import Command
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.decisions.orders import RecordOrder
from aggregates.profile.decisions.visits import RecordProductView
from aggregates.profile.events.contact import Address
from aggregates.profile.identifiers import Identifier
from aggregates.profile.money import Price
from aggregates.profile.source import Source

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = 50  # events of one signal
BATCH = 50  # signals
PRICE = Price("12.50", "GBP")


Life = Callable[[UUID, int], Command]  # what somebody does the nth time; one event each


def written(
    dsn: str, keyring: Keyring, namespace: int, shoppers: int, events: int, life: Life | None = None
) -> list[UUID]:
    """Each ends where its last snapshot is still due, so that readers fold as much as they ever do.

    Only for multiples of a snapshot's distance, and for one event. Who has no `life` looks at
    products.
    """
    log = PostgresLog(dsn)
    work = ShardWork(log, keyring)
    profiles = [uuid7() for _ in range(shoppers)]
    for at in range(0, shoppers, BATCH):
        for routed in _histories(profiles[at : at + BATCH], namespace, events, life or looked):
            work.save_snapshots()
            outcomes = work.apply(routed, datetime.now(UTC))
            assert not any(outcome.refused for outcome in outcomes), outcomes[0]
        assert {outcome.version for outcome in outcomes} == {events}, outcomes[0]
    log.close()
    return profiles


def _histories(
    profiles: list[UUID], namespace: int, events: int, life: Life
) -> Iterator[list[Routed]]:
    """The first event links a cookie."""
    for first in range(0, events, STEPS):
        numbers = range(max(first, 1), min(first + STEPS, events))
        for_each = [_steps(profile, numbers, life) for profile in profiles]
        yield [
            _routed(profile, namespace, first, steps)
            for profile, steps in zip(profiles, for_each, strict=True)
        ]


def _steps(profile: UUID, numbers: range, life: Life) -> tuple[Step, ...]:
    return tuple(Step(OPENED + timedelta(minutes=n), life(profile, n)) for n in numbers)


def _routed(profile: UUID, namespace: int, first: int, steps: tuple[Step, ...]) -> Routed:
    known = (Identifier("cookie", str(profile)),)
    signal = Signal(
        id=f"bench:{profile}:{first}",
        namespace=namespace,
        occurred_at=OPENED + timedelta(minutes=first),
        source=Source("pixel"),
        by="pixel",
        identifiers=known if first == 0 else (),
        steps=steps,
    )
    recognised = Recognise(identifiers=signal.identifiers, others=(), disputed=(), decided_by="")
    return Routed(profile, first == 0, recognised, signal, profile)


def looked(_: UUID, number: int) -> Command:
    return RecordProductView(
        product_id=str(1_000 + number),
        title="RED SPOTTED TEA TOWEL",
        price=PRICE,
        visit_id=f"visit-{number // 10}",
    )


def bought_as_well(profile: UUID, number: int) -> Command:
    """Of ten times once, and once they move house: then there is something to decrypt."""
    match number % 10:
        case 3:
            at = OPENED + timedelta(minutes=number)
            return RecordOrder(order_id=f"{profile}-{number}", placed_at=at, total=PRICE)
        case 7:
            home = Address(name="Frieda Krüger", line1=f"Lindenallee {number}", country="DE")
            return SetContact(first_name="Frieda", last_name="Krüger", shipping=home)
        case _:
            return looked(profile, number)

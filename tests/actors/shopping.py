"""Shoppers, their signals, and a host's work over a log in memory."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from msgspec.structs import replace

from actors.shard import ShardWork
from actors.signals import Outcome, Routed, Signal, Step
from aggregates.log.codec import ProfileMapper
from aggregates.log.heads import START, link
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.memory import MemoryLog, MemoryTables
from aggregates.log.port import EventLog, Placed, Position
from aggregates.log.record import Record
from aggregates.log.residents import Residents
from aggregates.profile.decide import Command
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.orders import RecordOrder
from aggregates.profile.identifiers import Identifier
from aggregates.profile.money import Price
from aggregates.profile.profile import Profile, fold
from aggregates.profile.references import references_of
from aggregates.profile.source import Source
from aggregates.resolution import Owned, Seen, attribute
from tests.given import NOON

SHOP, OTHER_SHOP = 1, 2
KEYRING = Keyring(bytes(32))
ADA = UUID("0198c000-0000-7000-8000-00000000000a")
BOB = UUID("0198c000-0000-7000-8000-00000000000b")
EVE = UUID("0198c000-0000-7000-8000-00000000000e")
SHOPIFY = Source("shopify")

IDS = count(1)


def known(**by: str) -> tuple[Identifier, ...]:
    return tuple(Identifier(kind, value) for kind, value in by.items())


ADAS_MAIL, BOBS_MAIL = known(email="ada@example.com"), known(email="bob@example.com")


def order(number: str = "1001", amount: str = "19.90") -> RecordOrder:
    return RecordOrder(order_id=number, placed_at=NOON, total=Price(amount, "EUR"))


def named(first_name: str) -> SetContact:
    return SetContact(first_name=first_name)


def signal(
    *commands: Command, by: Sequence[Identifier] = ADAS_MAIL, at: datetime = NOON, **more: object
) -> Signal:
    """One delivery with an id of its own, naming what its commands speak of, as at the edge."""
    named = [reference for command in commands for reference in references_of(command)]
    basis = Signal(
        id=f"delivery-{next(IDS)}",
        namespace=SHOP,
        occurred_at=at,
        source=SHOPIFY,
        by="webhook",
        identifiers=(*by, *named),
        steps=tuple(Step(at, command) for command in commands),
    )
    return replace(basis, **more)


def to(
    profile: UUID,
    sent: Signal,
    fresh: bool = False,
    others: Mapping[Identifier, UUID] | None = None,
) -> Routed:
    """The signal on its way; `others` own some of its identifiers."""
    owners = {known: Owned(known, owner, owner) for known, owner in (others or {}).items()}
    seen = Seen(sent.identifiers, sent.powerless)
    found = attribute(seen, owners, (profile, profile))
    return Routed(profile, fresh, found.recognise, sent, profile, found.owned)


class Host:
    """One host's work; hosts of one `tables` compete as they would in one database."""

    def __init__(
        self,
        tables: MemoryTables | None = None,
        log: EventLog | None = None,
        residents: Residents | None = None,
    ) -> None:
        self.tables = tables or MemoryTables()
        self.work = ShardWork(log or MemoryLog(self.tables), KEYRING, residents)
        self.now = NOON

    def apply(self, *batch: Routed) -> list[Outcome]:
        self.now += timedelta(seconds=1)
        return self.work.apply(batch, self.now)

    def tell(self, whom: UUID, /, *commands: Command, **more: object) -> Outcome:
        """A batch of one."""
        (outcome,) = self.apply(to(whom, signal(*commands, **more)))
        return outcome

    def remembers(self, profile: UUID) -> Profile | None:
        held = self.work.residents.get(profile)
        return held.profile if held else None

    def folded(self, profile: UUID) -> Profile:
        return folded(self.tables, profile)

    def topics(self, profile: UUID) -> list[str]:
        return [placed.stored.topic for placed in _stream(self.tables, profile)]


def folded(tables: MemoryTables, profile: UUID) -> Profile:
    """The profile as its events tell it, without the help of memory or snapshots."""
    return fold(record.happened for record in records(tables, profile))


def records(tables: MemoryTables, profile: UUID) -> list[Record]:
    namespace, wrapped = tables.keys[profile]
    sealer = Sealer(KEYRING.namespace(namespace).unwrap(profile, wrapped))
    mapper = ProfileMapper(namespace, lambda _subject: sealer)
    return [mapper.to_domain_event(placed.stored) for placed in _stream(tables, profile)]


def holds_together(tables: MemoryTables) -> None:
    """Versions and positions count 1…n without a hole, and every link covers the one before."""
    for profile in {profile for profile, _ in tables.events}:
        versions = sorted(version for owner, version in tables.events if owner == profile)
        assert versions == list(range(1, len(versions) + 1))
    assert len(tables.positions) == len(tables.events)
    for shard in {position.shard for position in tables.positions}:
        numbers = sorted(p.number for p in tables.positions if p.shard == shard)
        assert numbers == list(range(1, len(numbers) + 1))
        chain = START.chain
        for number in numbers:
            placed = tables.positions[Position(shard, number)]
            chain = link(chain, placed.stored)
            assert placed.chain == chain


def each_once(tables: MemoryTables, answered: Sequence[tuple[Signal, Outcome]]) -> None:
    """The events of every acknowledged signal are in the log exactly once."""
    found: dict[str, list[str]] = defaultdict(list)
    for profile in tables.keys:
        for placed, record in zip(_stream(tables, profile), records(tables, profile), strict=True):
            found[record.command_id].append(placed.stored.topic)
    for sent, outcome in answered:
        if outcome.refused is None and not outcome.outrun:
            assert found.get(sent.id, []) == list(outcome.events)


def _stream(tables: MemoryTables, profile: UUID) -> Iterator[Placed]:
    for version in count(1):
        if (placed := tables.events.get((profile, version))) is None:
            return
        yield placed

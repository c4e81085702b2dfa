"""Shoppers who are united and parted at random, and what must hold at every moment."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from actors.signals import Outcome, Signal
from aggregates.log.codec import ProfileMapper
from aggregates.log.keys import Sealer
from aggregates.log.memory import MemoryLog, MemoryTables
from aggregates.log.record import Record
from aggregates.log.restoring import Stories
from aggregates.profile.decisions.lineage import MergeProfiles, ReverseMerge
from aggregates.profile.events.identity import is_live
from aggregates.profile.events.lineage import Lineage, LineageEvent
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import Profile, fold
from tests.actors.doorstep import Door
from tests.actors.shopping import KEYRING, holds_together, known, signal
from tests.given import NOON

POOL: tuple[Identifier, ...] = (
    *(one for n in range(3) for one in known(shopify_customer_id=str(41 + n))),
    *(one for n in range(4) for one in known(email=f"shopper{n}@mail.example")),
    *(one for n in range(3) for one in known(phone=f"+4915112345{n}00")),
    *(one for n in range(4) for one in known(cookie=f"k{n}")),
    *known(email="ada@mail.example"),
    *known(email="eva@mail.example"),
)


class Town:
    """A shop's customers behind one door."""

    def __init__(self) -> None:
        self.door = Door()
        self.sent: list[Signal] = []

    @property
    def tables(self) -> MemoryTables:
        return self.door.host.tables

    @property
    def heads(self) -> list[UUID]:
        """The profiles that stand for themselves."""
        return sorted(self.tables.keys.keys() - self.tables.index.redirects.keys())

    @property
    def merges(self) -> list[UUID]:
        """Those that hold."""
        index = self.tables.index
        return sorted(index.merges.keys() - index.reversed.keys())

    def send(self, sent: Signal) -> Outcome:
        self.sent.append(sent)
        self.door.deliver([sent])
        return self.door.delivered[-1][1]

    def unite(self, survivor: UUID, absorbed: UUID, merge_id: UUID) -> Outcome:
        command = MergeProfiles(merge_id, survivor, absorbed)
        return self.send(signal(command, by=(), profile=survivor, creates=False))

    def part(self, merge_id: UUID, reason: str | None = None) -> Outcome:
        index = self.tables.index
        survivor = index.merges[merge_id].survivor
        command = ReverseMerge(merge_id, survivor, reason)
        return self.send(signal(command, by=(), profile=index.head_of(survivor), creates=False))

    def told(self, profile: UUID) -> Profile:
        """As the log tells it, without the help of memory."""
        log = MemoryLog(self.tables)
        stream = log.streams([profile], whole=True)[profile]
        return Stories(log, KEYRING).resident(profile, stream).profile

    def fingerprint(self, profile: UUID) -> Profile:
        """What is told of the shopper: merges, and what was said about them, left out."""
        return content(self.told(profile))

    def records(self) -> Iterator[Record]:
        """All there are, of every stream."""
        sealers = {
            profile: Sealer(KEYRING.namespace(namespace).unwrap(profile, wrapped))
            for profile, (namespace, wrapped) in self.tables.keys.items()
        }
        for placed in self.tables.events.values():
            mapper = ProfileMapper(placed.namespace, sealers.get)
            yield mapper.to_domain_event(placed.stored)

    def holds(self) -> None:
        holds_together(self.tables)
        self._every_profile_is_the_fold_of_what_is_about_it()
        self._memory_is_as_the_log()
        self._every_identifier_has_one_owner_who_can_be_reached()

    def _every_profile_is_the_fold_of_what_is_about_it(self) -> None:
        index, records = self.tables.index, list(self.records())
        for head in self.heads:
            about = [r for r in records if index.head_of(r.subject) == head]
            assert self.fingerprint(head) == content(told_by(about))

    def _memory_is_as_the_log(self) -> None:
        for head in self.heads:
            held = self.door.host.work.residents.get(head)
            if held is not None:
                assert content(held.profile) == self.fingerprint(head)
                for member, state in held.members.items():
                    alone = [r for r in self.records() if r.subject == member]
                    assert content(state.profile) == content(told_by(alone))

    def _every_identifier_has_one_owner_who_can_be_reached(self) -> None:
        heads = {head: self.told(head).identity for head in self.heads}
        for one in POOL:
            owners = self.door.owners(signal(by=[one]))
            holders = [head for head, identity in heads.items() if is_live(identity, one)]
            assert holders == ([owners[one].head] if one in owners else []), one


def told_by(records: Iterable[Record]) -> Profile:
    return fold(r.happened for r in records if not isinstance(r.event, LineageEvent))


def content(profile: Profile) -> Profile:
    return replace(profile, lineage=Lineage())


def at(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)

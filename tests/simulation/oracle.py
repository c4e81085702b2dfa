"""What must hold in the log and in every host's memory, whatever went wrong."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from actors.shard import ShardWork
from actors.signals import Routed, Signal
from aggregates.log import snapshots
from aggregates.log.keys import Sealer
from aggregates.log.memory import MemoryTables
from aggregates.log.record import Record
from aggregates.profile.claims import claims_of
from aggregates.profile.events.contact import detail
from aggregates.profile.events.identity import (
    ConflictSeen,
    DeviceSwitched,
    FlaggedShared,
    SeenElsewhere,
    Unlinked,
    live,
)
from aggregates.profile.events.lineage import Lineage, LineageEvent
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import Profile
from tests.actors.doorstep import Door
from tests.actors.merges import told_by
from tests.actors.shopping import KEYRING, holds_together
from tests.simulation.shop import SHOPPERS
from tests.simulation.truth import Truth
from tests.simulation.world import World, name_of

BY_OTHERS = (LineageEvent, Unlinked, SeenElsewhere, FlaggedShared)


def remembers_rightly(world: World, host: str, work: ShardWork, batch: Iterable[Routed]) -> None:
    """What a host remembers of these profiles is what the log said at that version; where nobody
    else can have written, it is all that the log says."""
    alone = "host replaced" not in world.weather and "commit later" not in world.weather
    for profile in {routed.profile: None for routed in batch}:
        if (held := work.residents.get(profile)) is None:
            continue
        if held.profile != world.truth.told(profile, held.version):
            world.broken(f"{host} remembers {name_of(profile)} wrongly at version {held.version}")
        elif alone and not _is_all(world, profile, held.version):
            world.broken(f"{host} should have forgotten {name_of(profile)}")


def _is_all(world: World, profile: UUID, version: int) -> bool:
    """Whether nothing came later but what another profile's host may write to this one."""
    return all(isinstance(r.event, BY_OTHERS) for r, _ in world.truth.of(profile)[version:])


def check_log(world: World) -> None:
    try:
        holds_together(world.tables)
    except AssertionError as error:
        world.broken(f"versions, positions or chain: {error}")
    _check_snapshots(world)
    _check_namespaces(world)
    _check_owners(world)


def _check_snapshots(world: World) -> None:
    for profile, snapshot in world.tables.snapshots.items():
        if profile not in world.tables.keys:
            world.broken(f"{name_of(profile)} has a snapshot and no events")
            continue
        namespace, wrapped = world.tables.keys[profile]
        sealer = Sealer(KEYRING.namespace(namespace).unwrap(profile, wrapped))
        held = snapshots.restored(snapshot, sealer)
        if held is None or held.profile != world.truth.told(profile, snapshot.version):
            world.broken(f"snapshot of {name_of(profile)} at {snapshot.version} is wrong")


def _check_namespaces(world: World) -> None:
    """A profile, its key, its events and its identifiers are of one namespace."""
    tables = world.tables
    for (profile, _), placed in tables.events.items():
        assert isinstance(profile, UUID)
        if tables.keys[profile][0] != placed.namespace:
            world.broken(f"{placed.position} is in another namespace than its profile")
    for profile, (namespace, _) in tables.keys.items():
        _, state = world.truth.of(profile)[-1]
        if detail(state.contact, "last_name") not in (None, str(namespace)):
            world.broken(f"{name_of(profile)} has a name of another shop")
    for (namespace, _), owner in tables.identifiers.items():
        if tables.keys[owner][0] != namespace:
            world.broken(f"{name_of(owner)} owns an identifier of another namespace")


def _check_owners(world: World) -> None:
    """Who owns an identifier has claimed it by an event; what is linked is owned."""
    tables = world.tables
    claimed: dict[tuple[int, bytes], set[UUID]] = {}
    about: defaultdict[UUID, list[Record]] = defaultdict(list)
    for profile, (namespace, _) in tables.keys.items():
        for record, _ in world.truth.of(profile):
            about[record.subject].append(record)
            got = record.event
            gained = got.identifiers if isinstance(got, DeviceSwitched) else claims_of(got)
            for one in gained:
                claimed.setdefault(_key(namespace, one), set()).add(record.subject)
            _check_conflict(world, record)
    for key, owner in tables.identifiers.items():
        if owner not in claimed.get(key, ()):
            world.broken(f"{name_of(owner)} owns what it never claimed")
    for subject, told in about.items():
        _check_links(world, subject, told)


def _check_links(world: World, subject: UUID, told: list[Record]) -> None:
    """What somebody is recognised by is theirs, wherever it was written that it is."""
    namespace, _ = world.tables.keys[subject]
    for key in live(told_by(told).identity):
        kind, _, value = key.partition(":")
        if world.tables.identifiers.get(_key(namespace, Identifier(kind, value))) != subject:
            world.broken(f"{name_of(subject)} is linked to a {kind} it does not own")


def _check_conflict(world: World, record: Record) -> None:
    if isinstance(record.event, ConflictSeen):
        for other in record.event.others:
            if UUID(other) not in world.tables.keys:
                world.broken(f"{name_of(record.subject)} has a conflict with nobody")


def check_births(world: World, signals: Iterable[Signal]) -> None:
    """Nobody came into the world by a signal that may not create."""
    creates = {(one.namespace, one.id): one.creates for one in signals}
    for profile, (namespace, _) in world.tables.keys.items():
        record, _ = world.truth.of(profile)[0]
        if not creates[namespace, record.command_id]:
            world.broken(f"{name_of(profile)} was made by {record.command_id}")


def check_order(world: World, namespace: int, signals: Sequence[Signal]) -> None:
    """An orderly shop ends as it does when the same signals come in another order, undisturbed,
    and has nobody in it but its shoppers."""
    undisturbed = Door()
    undisturbed.deliver(world.random.sample(signals, len(signals)), cuts=world.random)
    expected, found = (
        _shoppers(undisturbed.host.tables, namespace),
        _shoppers(world.tables, namespace),
    )
    if expected != found:
        world.broken(f"the order of signals made a difference: {expected} {found}")
    heads = world.tables.keys.keys() - world.tables.index.redirects.keys()
    profiles = [profile for profile in heads if world.tables.keys[profile][0] == namespace]
    if len(profiles) != len(found):
        world.broken(f"{len(found)} shoppers have {len(profiles)} profiles")


def _shoppers(tables: MemoryTables, namespace: int) -> dict[str, bytes]:
    mails = {name: Identifier("email", f"{name}@example.com") for name in SHOPPERS}
    owners = {n: tables.identifiers.get(_key(namespace, mail)) for n, mail in mails.items()}
    return {
        name: msgspec.json.encode(_content(tables, owner), order="deterministic")
        for name, owner in owners.items()
        if owner is not None
    }


def _content(tables: MemoryTables, owner: UUID) -> Profile:
    """Of whoever stands for the owner; which of two took in the other is a matter of order."""
    told = Truth(tables).told(tables.index.head_of(owner))
    assert told is not None
    return replace(told, lineage=Lineage())


def _key(namespace: int, one: Identifier) -> tuple[int, bytes]:
    return namespace, KEYRING.namespace(namespace).digest(one.kind, one.value)

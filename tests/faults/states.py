"""One hash for all that a namespace knows, comparable between runs that minted other ids."""

from hashlib import sha256

import msgspec
from msgspec.structs import replace

from aggregates.profile.events.identity import Identity, live
from aggregates.profile.events.lifecycle import Lifecycle
from aggregates.profile.events.lineage import Lineage
from aggregates.profile.identifiers import Identifier, strongest_first
from aggregates.profile.profile import Profile
from tests.faults.ledger import Ledger, Store


def state_hashes(store: Store, namespace: int) -> dict[str, str]:
    """I5: the hash of each profile's state, by the strongest identifier it is known by."""
    with store.connected() as connection:
        streams = Ledger(connection, store.keyring, namespace).streams()
        return dict(named(one.folded()) for one in streams if not one.is_absorbed)


def state_hash(hashes: dict[str, str]) -> str:
    """Of all of them together."""
    return _hashed(sorted(hashes.items()))


def named(profile: Profile) -> tuple[str, str]:
    """By whom it is known, and the hash of its state without ids of ours."""
    known = (Identifier(*key.split(":", 1)) for key in live(profile.identity))
    strongest = strongest_first(tuple(known))[0]
    without_ids = replace(profile, identity=_without_ids(profile.identity), lineage=Lineage())
    unnoticed = replace(without_ids, lifecycle=Lifecycle())  # the clock looks when it can
    return f"{strongest.kind}:{strongest.value}", _hashed(unnoticed)


def _without_ids(identity: Identity) -> Identity:
    """Conflicts are noted as `profile id:kinds`; their kinds are the same in every run. Of two who
    are one person either may have been the first."""
    kinds = (conflict.partition(":")[2] for conflict in identity.conflicts)
    return replace(identity, conflicts=frozenset(kinds), former={}, users={}, candidates={})


def _hashed(value: object) -> str:
    return sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()

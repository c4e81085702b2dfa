"""The last position and chain link of each shard, and what comes next."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from aggregates.log.port import Placed, Position


class Head(NamedTuple):
    number: int
    chain: bytes


START = Head(0, b"")


def link(previous: bytes, stored: StoredEvent) -> bytes:
    """SHA-256(previous | profile id | version | topic | SHA-256(state)): 32 bytes.

    It covers ciphertext, so it still holds after a subject's key is destroyed.
    """
    originator = stored.originator_id
    return sha256(
        b"%b%b%d%b%b"
        % (
            previous,
            originator.bytes if isinstance(originator, UUID) else originator.encode(),
            stored.originator_version,
            stored.topic.encode(),
            sha256(stored.state).digest(),
        )
    ).digest()


def numbered(
    heads: Mapping[int, Head], events: Iterable[tuple[int, int, StoredEvent]]
) -> list[Placed]:
    """The (shard, namespace, event) triples placed one after the other behind `heads`."""
    tips: dict[int, Head] = {}
    placed = []
    for shard, namespace, stored in events:
        tip = tips.get(shard) or heads[shard]
        tips[shard] = tip = Head(tip.number + 1, link(tip.chain, stored))
        placed.append(Placed(Position(shard, tip.number), namespace, stored, tip.chain))
    return placed


def tips_of(placed: Iterable[Placed]) -> dict[int, Head]:
    """Where the shards stand once `placed` is committed."""
    return {p.position.shard: Head(p.position.number, p.chain) for p in placed}

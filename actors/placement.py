"""Where a profile lives: its shard for ever, its host for now."""

from uuid import UUID
from zlib import crc32

from aggregates.log.port import SHARDS as SHARDS


def shard_of(profile: UUID) -> int:
    """One of 256 slices; stored with each event, so this function must never change."""
    return crc32(profile.bytes) % SHARDS


def host_of(profile: UUID, hosts: int) -> int:
    """Which of `hosts` hosts owns the profile's shard."""
    return shard_of(profile) % hosts

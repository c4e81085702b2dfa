"""Where profiles live."""

from collections import Counter
from uuid import UUID, uuid4

from actors.placement import SHARDS, host_of, shard_of
from aggregates.log import tail


def test_a_profiles_shard_never_changes() -> None:
    """It is stored with every event: these numbers hold for ever."""
    ids = ("00000000-0000-0000-0000-000000000000", "0198c000-0000-7000-8000-00000000000a")
    assert [shard_of(UUID(one)) for one in ids] == [85, 248]


def test_profiles_spread_over_all_shards() -> None:
    found = Counter(shard_of(uuid4()) for _ in range(40 * SHARDS))
    assert set(found) <= set(range(SHARDS))
    assert len(found) == SHARDS


def test_a_shard_has_one_host() -> None:
    for profile in (uuid4() for _ in range(100)):
        assert host_of(profile, 3) == shard_of(profile) % 3


def test_readers_follow_every_shard() -> None:
    assert set(tail.beginning()) == set(range(SHARDS))

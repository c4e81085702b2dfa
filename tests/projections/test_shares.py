"""Each read model is kept up by somebody for every shard, and by nobody twice."""

from collections import Counter

import pytest

from aggregates.log.keys import KEY_BYTES, Keyring
from aggregates.log.port import SHARDS
from projections.models import read_models
from projections.shares import WITH_CLOCK, shards_of, shares
from projections.worker import models_of

KEYRING = Keyring(bytes(KEY_BYTES))


@pytest.mark.parametrize("readers", [1, 2, 3, 64])
def test_every_shard_of_every_read_model_is_one_processs(readers: int) -> None:
    kept = Counter(
        (model.name, shard)
        for share in shares(readers)
        for model in models_of(share, KEYRING)
        for shard in shards_of(share, readers)
    )
    assert kept == Counter((m.name, shard) for m in read_models(KEYRING) for shard in range(SHARDS))


def test_one_process_has_the_clock() -> None:
    assert [shares(readers).count(WITH_CLOCK) for readers in (1, 2)] == [1, 1]

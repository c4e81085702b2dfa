"""The parts of the product that a run drives; tests of the simulator put broken ones in place."""

from typing import NamedTuple

from actors.gateway import Gateway
from actors.identities import Identities
from actors.shard import ShardWork


class Product(NamedTuple):
    work: type[ShardWork] = ShardWork
    gateway: type[Gateway] = Gateway
    identities: type[Identities] = Identities


PRODUCT = Product()

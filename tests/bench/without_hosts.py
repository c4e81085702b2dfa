"""What an API process has, but for hosts: for parts that tell them nothing."""

from uuid_utils.compat import uuid7

from actors.gateway import Gateway
from actors.identities import Identities
from aggregates.log.histories import Histories
from aggregates.log.keys import Keyring
from aggregates.log.owners import PostgresOwners
from aggregates.log.shops import ShopLog
from api.ports import Ports
from api.shops.rules import Rules
from config.connections import api_pool


def ports_without_hosts(dsn: str, keyring: Keyring) -> Ports:
    pool = api_pool(dsn)
    rules = Rules(ShopLog(pool, keyring))
    identities = Identities(PostgresOwners(pool), keyring, uuid7, rules.bounds)
    return Ports(
        gateway=Gateway([], identities),
        histories=Histories(pool, keyring),
        identities=identities,
        pool=pool,
        keyring=keyring,
        rules=rules,
        admin_token="nobody's",  # noqa: S106 - nobody asks here
    )

"""The secrets that sign a shop's webhooks: kept sealed, two of them valid while one is replaced."""

from collections.abc import Sequence

import msgspec
from psycopg import AsyncConnection

from aggregates.log.keys import Keyring
from api.shops.keys import Environment
from api.shops.names import checked_domain, checked_secret, no_such_shop

SECRETS_AT_MOST = 2  # Shopify takes up to an hour to sign with a new one
_SECRETS = msgspec.json.Decoder(list[str])


async def rotate_secret(
    connection: AsyncConnection, keyring: Keyring, shop: str, world: Environment, secret: str
) -> int:
    """The new secret first; the one before stays valid. Returns how many are. Raises BadShop."""
    domain = checked_domain(shop)
    async with connection.transaction():
        rows = await connection.execute(
            """SELECT namespace_id, webhook_secrets FROM namespaces JOIN shops USING (shop_id)
               WHERE domain = %s AND environment = %s FOR UPDATE OF namespaces""",
            (domain, world),
        )
        if (row := await rows.fetchone()) is None:
            raise no_such_shop(domain)
        held = open_secrets(keyring, domain, world, row[1])
        kept = list(dict.fromkeys([checked_secret(secret), *held]))[:SECRETS_AT_MOST]
        await connection.execute(
            "UPDATE namespaces SET webhook_secrets = %s WHERE namespace_id = %s",
            (seal_secrets(keyring, domain, world, kept), row[0]),
        )
    return len(kept)


def open_secrets(
    keyring: Keyring, domain: str, world: Environment, sealed: bytes | None
) -> tuple[str, ...]:
    """Raises Unreadable for another master key, or for what another shop's secrets were."""
    if sealed is None:
        return ()
    return tuple(_SECRETS.decode(keyring.vault.open(sealed, _about(domain, world))))


def seal_secrets(
    keyring: Keyring, domain: str, world: Environment, secrets: Sequence[str]
) -> bytes:
    return keyring.vault.seal(msgspec.json.encode(secrets), _about(domain, world))


def _about(domain: str, world: Environment) -> bytes:
    return f"webhook_secrets:{domain}:{world}".encode()

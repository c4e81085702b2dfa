"""Shops and their two worlds, live and sandbox, as they are kept in Postgres."""

from datetime import UTC, datetime

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation

from aggregates.log.keys import Keyring
from aggregates.log.shops import ShopRecord, append
from aggregates.shop.settings import ChangeSettings, Clock, Settings, decide
from api.shops.keys import ALL_SCOPES, Environment, create_key, new_pixel_key
from api.shops.names import (
    ENVIRONMENTS,
    BadShop,
    Plan,
    checked_currency,
    checked_domain,
    checked_plan,
    checked_secret,
    checked_timezone,
    no_such_shop,
)
from api.shops.secrets import seal_secrets


class NewShop(Struct, frozen=True, kw_only=True):
    """`webhook_secret` verifies live deliveries, `sandbox_secret` those of a test shop."""

    domain: str
    webhook_secret: str | None = None
    sandbox_secret: str | None = None
    plan: str = "free"
    timezone: str = "UTC"
    currency: str = "USD"


class World(Struct, frozen=True):
    """What a client of one environment needs. The API key is shown this once."""

    api_key: str
    pixel_key: str


class Created(Struct, frozen=True, kw_only=True):
    shop: str
    plan: Plan
    live: World
    sandbox: World


class Shop(Struct, frozen=True, kw_only=True):
    shop: str
    plan: Plan
    timezone: str
    currency: str


async def create_shop(connection: AsyncConnection, keyring: Keyring, new: NewShop) -> Created:
    """Raises BadShop, also where the domain is taken."""
    domain, plan = checked_domain(new.domain), checked_plan(new.plan)
    given = {"live": new.webhook_secret, "sandbox": new.sandbox_secret}
    async with connection.transaction():
        shop_id = await _insert(connection, domain, new)
        worlds: dict[str, World] = {}
        for name in ENVIRONMENTS:
            secret = given[name]
            held = [] if secret is None else [checked_secret(secret)]
            sealed = seal_secrets(keyring, domain, name, held)
            number, worlds[name] = await _create_world(connection, shop_id, name, sealed)
            await _set_clock(connection, keyring, number, new.timezone)
    return Created(shop=domain, plan=plan, **worlds)


async def list_shops(connection: AsyncConnection) -> list[Shop]:
    rows = await connection.execute(
        "SELECT domain, plan, timezone, currency FROM shops ORDER BY domain"
    )
    return [
        Shop(shop=domain, plan=plan, timezone=timezone, currency=currency)
        async for domain, plan, timezone, currency in rows
    ]


async def namespace_of(connection: AsyncConnection, shop: str, world: Environment) -> int:
    """Raises BadShop."""
    domain = checked_domain(shop)
    rows = await connection.execute(
        """SELECT namespace_id FROM namespaces JOIN shops USING (shop_id)
           WHERE domain = %s AND environment = %s""",
        (domain, world),
    )
    if (row := await rows.fetchone()) is None:
        raise no_such_shop(domain)
    return int(row[0])


async def _insert(connection: AsyncConnection, domain: str, new: NewShop) -> int:
    shop = (domain, new.plan, checked_timezone(new.timezone), checked_currency(new.currency))
    insert = """INSERT INTO shops (domain, plan, timezone, currency) VALUES (%s, %s, %s, %s)
                RETURNING shop_id"""
    try:
        row = await (await connection.execute(insert, shop)).fetchone()
    except UniqueViolation as error:
        raise BadShop(f"{domain} exists already") from error
    assert row is not None
    return int(row[0])


async def _create_world(
    connection: AsyncConnection, shop_id: int, world: Environment, sealed: bytes
) -> tuple[int, World]:
    pixel_key = new_pixel_key()
    rows = await connection.execute(
        """INSERT INTO namespaces (shop_id, environment, pixel_key, webhook_secrets)
           VALUES (%s, %s, %s, %s) RETURNING namespace_id""",
        (shop_id, world, pixel_key, sealed),
    )
    row = await rows.fetchone()
    assert row is not None
    number = int(row[0])
    return number, World(await create_key(connection, number, world, ALL_SCOPES), pixel_key)


async def _set_clock(
    connection: AsyncConnection, keyring: Keyring, namespace: int, zone: str
) -> None:
    """The time zone is a setting like any other from then on."""
    wanted = ChangeSettings(Settings(clock=Clock(zone)))
    for event in decide(Settings(), wanted) if zone != "UTC" else ():
        record = ShopRecord(
            namespace=namespace,
            version=1,
            event=event,
            recorded_at=datetime.now(UTC),
            by="operator",
        )
        await append(connection, keyring, record)

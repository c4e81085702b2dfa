"""`c360 demo`: makes sure that a server and the demo shop are there, then runs the demo."""

import asyncio
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection

from aggregates.log.keys import Keyring
from api.demo.run import demo
from api.demo.store import CURRENCY
from api.serve import background_server
from api.shops.names import BadShop
from api.shops.registry import NewShop, create_shop, list_shops
from api.verbs.common import with_database
from api.verbs.server import base_url, is_running
from config.secret_file import keep_secret
from config.settings import Settings

SHOP = "demo-store.myshopify.com"
SEED = 7
KEPT = "demo.json"  # what only we were told when the shop was created; mode 0600


class Credentials(Struct, frozen=True):
    webhook_secret: str
    api_key: str


def run(settings: Settings, orders: Path | None, once: bool) -> bool:
    """Whether the totals agree. Unless `once`, the server then stays until Ctrl-C."""
    with _server(settings) as url:
        kept = _credentials(settings)
        work = demo(url, SHOP, kept.webhook_secret, kept.api_key, orders, SEED)
        agreed = asyncio.run(work)
        if not once:
            _until_stopped()
        return agreed


@contextmanager
def _server(settings: Settings) -> Iterator[str]:
    if is_running(settings):
        yield base_url(settings)
        return
    with background_server(settings) as url:
        yield url


def _credentials(settings: Settings) -> Credentials:
    file = settings.data_dir / KEPT
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=Credentials)
    made = with_database(settings, _create)
    keep_secret(file, msgspec.json.encode(made).decode())
    return made


async def _create(connection: AsyncConnection, keyring: Keyring) -> Credentials:
    if any(shop.shop == SHOP for shop in await list_shops(connection)):
        raise BadShop(f"{SHOP} exists and {KEPT} with its keys is gone; use another data folder")
    secret = secrets.token_urlsafe(32)
    new = NewShop(domain=SHOP, webhook_secret=secret, plan="pro", currency=CURRENCY)
    made = await create_shop(connection, keyring, new)
    return Credentials(secret, made.live.api_key)


def _until_stopped() -> None:
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    stopped.wait()

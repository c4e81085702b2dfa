"""The whole product, once for the run: real Postgres, real Ray, real HTTP on 127.0.0.1."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from aggregates.log.keys import read_keyring
from api.serve import Server, running_server
from api.shops.registry import Created, NewShop, create_shop
from config.settings import Settings, environment_of
from tests.cluster.delivering import Shop
from tests.places import NO_TLS, free_port

SECRET, SANDBOX_SECRET = "a secret of the test shop", "another, of its sandbox"


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="c360-test-"))
    folder.chmod(0o711)
    settings = Settings(data_dir=folder / "data", port=free_port())
    with running_server(settings, threading.Event()) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def shop(server: Server) -> Shop:
    return worlds(server, "test.myshopify.com")[0]


def worlds(server: Server, domain: str) -> tuple[Shop, Shop]:
    """A new shop's live and sandbox environments, each with a secret of its own."""
    made = asyncio.run(_created(server.settings, domain))
    return (
        Shop(server.url, domain, SECRET, made.live.api_key),
        Shop(server.url, domain, SANDBOX_SECRET, made.sandbox.api_key),
    )


@pytest.fixture(scope="package")
def second_api(server: Server) -> Iterator[str]:
    """A second API process over the same database and the same hosts; yields its URL."""
    settings = server.settings.model_copy(update={"port": free_port()})
    with api_process(settings) as url:
        yield url


@contextmanager
def api_process(settings: Settings) -> Iterator[str]:
    child = subprocess.Popen(  # our own interpreter
        [sys.executable, "-m", "api.server"], env={**os.environ, **environment_of(settings)}
    )
    url = f"http://{settings.host}:{settings.port}"
    try:
        until_ready(url)
        yield url
    finally:
        child.kill()  # told to stop, it would wait some seconds for clients that may still come
        child.wait(20)


def until_ready(url: str, patience_s: float = 60) -> None:
    pause = threading.Event()
    for _ in range(int(patience_s / 0.1)):
        try:
            if httpx.get(f"{url}/readyz", timeout=5, verify=NO_TLS).status_code == 200:
                return
        except httpx.TransportError:
            pass
        pause.wait(0.1)
    raise AssertionError(f"{url} is not ready after {patience_s} s")


async def _created(settings: Settings, domain: str) -> Created:
    assert settings.database_url is not None
    keyring = read_keyring(settings.master_key_file)
    new = NewShop(
        domain=domain, webhook_secret=SECRET, sandbox_secret=SANDBOX_SECRET, currency="GBP"
    )
    async with await psycopg.AsyncConnection.connect(settings.database_url) as connection:
        return await create_shop(connection, keyring, new)

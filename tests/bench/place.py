"""Where a benchmark runs: a folder of its own, free ports, servers that end with their block."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from api.serve import background_server
from api.shops.registry import Created, NewShop, create_shop
from api.verbs.common import with_database
from config.children import start_child
from config.settings import Settings
from tests.places import free_port

SHOP = "bench-store.myshopify.com"
SECRET = "the secret of the benchmarks"  # noqa: S105 - signs made-up orders on this machine
START_PATIENCE_S = 30.0


class Bench(NamedTuple):
    """What every part is given. `quick` shows that everything works; its figures mean little."""

    quick: bool
    folder: Path
    console: Console

    def said(self, text: str) -> None:
        self.console.print(f"  {text}", style="dim", highlight=False)

    def fewer(self, full: int, quick: int) -> int:
        return quick if self.quick else full


class Deployment(NamedTuple):
    """A running server of ours with one shop."""

    settings: Settings
    url: str
    api_key: str

    @property
    def admin_token(self) -> str:
        return self.settings.admin_token_file.read_text().strip()


def settings_in(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, port=free_port())


@contextmanager
def deployment(data_dir: Path) -> Iterator[Deployment]:
    """The whole product as one command starts it, with a shop made for it."""
    settings = settings_in(data_dir)
    with background_server(settings) as url:
        yield Deployment(settings, url, create(settings).live.api_key)


def create(settings: Settings) -> Created:
    """The shop all orders are signed for; the database is started if no server runs it."""
    new = NewShop(domain=SHOP, webhook_secret=SECRET, currency="GBP")
    return with_database(
        settings, lambda connection, keyring: create_shop(connection, keyring, new)
    )


@contextmanager
def peer(log: Path, module: str, *arguments: str) -> Iterator[str]:
    """`python -m module PORT arguments` for as long as the block lasts; yields its URL."""
    port = free_port()
    child = start_child([sys.executable, "-m", module, str(port), *arguments], log)
    try:
        _wait_until_it_listens(child, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_it_listens(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"a server to compare with did not start:\n{log.read_text()[-2_000:]}")

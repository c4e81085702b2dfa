"""Where a benchmark runs: a folder of its own, free ports, servers that end with their block."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
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
from config.settings import PREFIX, Settings

SHOP = "bench-store.myshopify.com"
SECRET = "the secret of the benchmarks"  # noqa: S105 - signs made-up orders on this machine
DISK = Path("/var/tmp")  # noqa: S108 - a disk also where /tmp is memory; the folder inside is ours
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


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter too; after an error it stays, with its logs."""
    folder = Path(tempfile.mkdtemp(prefix="c360-bench-", dir=DISK if DISK.is_dir() else None))
    folder.chmod(0o711)
    try:
        yield folder
    except Exception as error:
        error.add_note(f"the logs are in {folder}")
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@contextmanager
def chosen(**variables: str) -> Iterator[None]:
    """Settings that only the environment can carry to a server."""
    named = {PREFIX + name.upper(): value for name, value in variables.items()}
    os.environ.update(named)
    try:
        yield
    finally:
        for name in named:
            del os.environ[name]


def forget_settings() -> None:
    """Whatever the caller's shell says, a benchmark uses its own servers and folders."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


def _wait_until_it_listens(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"a server to compare with did not start:\n{log.read_text()[-2_000:]}")

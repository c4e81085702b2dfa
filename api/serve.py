"""`c360 serve`: the supervisor. Starts the database, Ray, the hosts and the API, in this order;
watches over them; stops them in the opposite order."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import blake2b
from pathlib import Path

import httpx

from actors import cluster
from aggregates.log.keys import read_keyring
from config.children import start_child
from config.database import Database, check_durable, open_database
from config.migrations import migrate
from config.secret_file import keep_secret
from config.settings import Settings, environment_of

READY_TIMEOUT_S = 120
DRAIN_TIMEOUT_S = 13
WATCH_S = 0.5


class NotReady(Exception):
    """The server did not become ready; the message says which part and where its log is."""


class Server:
    """A running deployment of one data folder."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self._database = database
        self._api: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.settings.host}:{self.settings.port}"

    def start_api(self) -> None:
        self._api = start_child(
            [sys.executable, "-m", "api.server"],
            self.settings.data_dir / "api.log",
            {**os.environ, **environment_of(self.settings)},
        )

    def wait_ready(self, stopped: threading.Event) -> None:
        """Returns once /readyz says 200. Raises NotReady."""
        pause = 0.05
        for _ in range(int(READY_TIMEOUT_S / pause)):
            if stopped.wait(pause) or self._is_ready():
                return
            if self._api is not None and self._api.poll() is not None:
                raise NotReady(f"the API process ended; see {self.settings.data_dir / 'api.log'}")
        raise NotReady(f"not ready after {READY_TIMEOUT_S} s; see {self.settings.data_dir}")

    def watch(self, stopped: threading.Event) -> None:
        """Restart what dies until told to stop. Ray restarts the hosts by itself."""
        while not stopped.wait(WATCH_S):
            self._database.ensure_running()
            if self._api is not None and self._api.poll() is not None:
                self.start_api()

    def stop_api(self) -> None:
        """SIGTERM: no new requests, those under way are answered."""
        if self._api is None or self._api.poll() is not None:
            return
        self._api.terminate()
        try:
            self._api.wait(DRAIN_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._api.kill()
            self._api.wait()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def running_server(settings: Settings, stopped: threading.Event) -> Iterator[Server]:
    """Everything up and ready; everything down again when the block ends."""
    _refuse_taken_port(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    read_keyring(settings.master_key_file, create=True)
    keep_secret(settings.admin_token_file, secrets.token_urlsafe(32))
    with ExitStack() as parts:
        database = parts.enter_context(open_database(settings))
        check_durable(database.dsn)
        migrate(database.dsn)
        found = {"ray_address": parts.enter_context(_ray(settings)), "database_url": database.dsn}
        server = Server(settings.model_copy(update=found), database)
        server.start_api()
        parts.callback(server.stop_api)
        cluster.create_hosts(server.settings)
        server.wait_ready(stopped)
        yield server


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, then drain."""
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    with running_server(settings, stopped) as server:
        if not stopped.is_set():
            sys.stdout.write(f"Customer 360 is ready at {server.url}\n")
            sys.stdout.flush()
        server.watch(stopped)


@contextmanager
def background_server(settings: Settings) -> Iterator[str]:
    """A server in a process of its own, for as long as the block lasts; yields its URL."""
    log_file = settings.data_dir / "serve.log"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter, fixed arguments
            [sys.executable, "-m", "api.cli", "serve", "--port", str(settings.port),
             "--host", settings.host, "--data-dir", str(settings.data_dir)],
            stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        assert child.stdout is not None
        if b"ready" not in child.stdout.readline():
            raise NotReady(f"the server did not start; see {log_file}")
        yield f"http://{settings.host}:{settings.port}"
    finally:
        child.terminate()
        child.wait()


@contextmanager
def _ray(settings: Settings) -> Iterator[str]:
    cluster.set_environment(settings.ray_dir)
    if settings.ray_address is not None:
        yield settings.ray_address
        return
    with cluster.local_ray(settings.ray_dir, _short_dir(settings.ray_dir)) as address:
        yield address


def _short_dir(ray_dir: Path) -> Path:
    """Ray's own folder if its sockets' paths stay short enough there, else one in /tmp."""
    if len(str(ray_dir)) <= 25:
        return ray_dir
    name = blake2b(str(ray_dir).encode(), digest_size=6).hexdigest()
    return Path(tempfile.gettempdir()) / f"c360-{name}"


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise NotReady(f"{where} is taken ({error.strerror}); choose another --port") from error

"""`c360 serve`: the supervisor. Starts the database, Ray, the hosts and the API, in this order;
watches over them; stops them in the opposite order."""

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

from actors import cluster
from actors.local_ray import JoinedRay, LocalRay
from aggregates.log.keys import read_keyring
from api.processes import ApiProcesses
from api.supervisor import Server
from api.upkeep import Upkeep
from config import logs
from config.database import check_durable, open_database
from config.disk_reserve import DiskReserve, kept
from config.migrations import migrate
from config.postgres_folder import PostgresFolder, make_lockable
from config.secret_file import keep_secret
from config.settings import Settings

log = logs.logger()
RESERVE = "reserve"  # the file's name, in the folder of the embedded database


class NotReady(Exception):
    """The server did not become ready; the message says which part and where its log is."""


@contextmanager
def running_server(settings: Settings, stopped: threading.Event) -> Iterator[Server]:
    """Everything up and ready; everything down again when the block ends."""
    listener = _listener(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    read_keyring(settings.master_key_file, create=True)
    keep_secret(settings.admin_token_file, secrets.token_urlsafe(32))
    with ExitStack() as parts:
        parts.enter_context(listener)
        reserve = parts.enter_context(_reserve(settings))  # the database may need it to start
        database = parts.enter_context(open_database(settings))
        check_durable(database.dsn)
        migrate(database.dsn)
        ray = parts.enter_context(_ray(settings))
        found = {
            "ray_address": ray.address,
            "database_url": database.dsn,
            "port": listener.getsockname()[1],
        }
        known = settings.model_copy(update=found)
        api = ApiProcesses(known, listener, reserve)
        server = Server(known, database, ray, api, Upkeep(known))
        parts.callback(server.stop)
        if (why := server.start(stopped)) is not None:
            raise NotReady(why)
        yield server


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, then drain. SIGHUP renews the API processes one by one."""
    logs.configure(settings.log_level, settings.log_format, "supervisor")
    stopped, renewal = threading.Event(), threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    signal.signal(signal.SIGHUP, lambda *_: renewal.set())
    log.info("started")
    with running_server(settings, stopped) as server:
        log.info("ready")
        if not stopped.is_set():
            sys.stdout.write(f"Customer 360 is ready at {server.url}{limitation(settings)}\n")
            sys.stdout.flush()
        server.watch(stopped, renewal)
        log.info("draining")
    log.info("stopped")


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
        if child.stdout is not None:
            child.stdout.close()


@contextmanager
def _ray(settings: Settings) -> Iterator[LocalRay | JoinedRay]:
    cluster.set_environment(settings)
    if settings.ray_address is not None:
        yield JoinedRay(settings.ray_address)
        return
    with LocalRay(settings.ray_dir, _short_dir(settings.ray_dir)) as ray:
        yield ray


def limitation(settings: Settings) -> str:
    """What a server that is ready cannot do, for people."""
    reserve = _reserve_of(settings)
    shortage = reserve.shortage if reserve is not None else None
    return f"; only for reading, because {shortage}" if shortage is not None else ""


@contextmanager
def _reserve(settings: Settings) -> Iterator[Path | None]:
    reserve = _reserve_of(settings)
    if reserve is None:
        yield None
        return
    make_lockable(PostgresFolder(settings.postgres_dir))
    with kept(reserve):
        yield reserve.file


def _reserve_of(settings: Settings) -> DiskReserve | None:
    """Only for a database of our own: of another one's disk we know nothing."""
    if settings.database_url is not None:
        return None
    return DiskReserve(settings.postgres_dir / RESERVE, settings.disk_reserve_mb)


def _short_dir(ray_dir: Path) -> Path:
    """Ray's own folder if its sockets' paths stay short enough there, else one in /tmp."""
    if len(str(ray_dir)) <= 25:
        return ray_dir
    name = blake2b(str(ray_dir).encode(), digest_size=6).hexdigest()
    return Path(tempfile.gettempdir()) / f"c360-{name}"


def _listener(settings: Settings) -> socket.socket:
    """Bound at once, so that nobody else takes the port; listened to once an API process is up."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        raise NotReady(f"{where} is taken ({error.strerror}); choose another --port") from error
    return listener

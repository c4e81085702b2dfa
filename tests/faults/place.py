"""One running deployment: the product as `c360 serve` starts it, in a process of its own."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import psycopg
from psycopg.rows import TupleRow

from actors.placement import host_of
from aggregates.log.keys import Keyring, read_keyring
from config.embedded import EmbeddedPostgres
from config.settings import Settings
from tests.faults.serving import is_ready, served
from tests.faults.waiting import until as until
from tests.faults.worlds import World as World
from tests.faults.worlds import opened
from tests.places import NO_TLS, free_port
from tests.processes import kill as kill
from tests.processes import parts_of

WHOLE_AGAIN_S = 90.0  # by then everything killed is back, or something is wrong
HOST_PID = re.compile(r'^c360_host_pid\{host="(\d+)"\} (\S+)$', re.MULTILINE)
OWNERS = "SELECT digest, profile_id FROM identifiers WHERE namespace_id = %s AND digest = ANY (%s)"


class Place:
    """A deployment with two shops: `a` (with `a_sandbox`) and `b`.

    Processes are looked up anew at each call: whatever is killed comes back as another one.
    """

    def __init__(self, settings: Settings, supervisor: psutil.Process) -> None:
        self.settings = settings
        self.url = f"http://{settings.host}:{settings.port}"
        self.dsn = settings.database_url or EmbeddedPostgres(settings.postgres_dir).dsn
        self.supervisor = supervisor
        self.a, self.a_sandbox = self.open_shop()
        self.b, _ = self.open_shop()

    @property
    def keyring(self) -> Keyring:
        return read_keyring(self.settings.master_key_file)

    @property
    def admin_token(self) -> str:
        return self.settings.admin_token_file.read_text().strip()

    def open_shop(self) -> tuple[World, World]:
        """A new shop's live and sandbox environments: a world of its own for a scenario."""
        return asyncio.run(opened(self.url, self.dsn, self.keyring))

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[TupleRow]]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            yield connection

    def hosts(self) -> list[psutil.Process]:
        return self._parts("host")

    def host(self, number: int) -> psutil.Process:
        """Host `number`, which owns the shards whose remainder by the count of hosts it is."""
        return psutil.Process(self._host_pids()[number])

    def apis(self) -> list[psutil.Process]:
        return self._parts("api")

    def raylet(self) -> psutil.Process:
        return self._parts("raylet")[0]

    def gcs(self) -> psutil.Process:
        return self._parts("gcs")[0]

    def postmaster(self) -> psutil.Process:
        return next(part for part in self._parts("postgres") if part.ppid() == self.supervisor.pid)

    def homes(self, world: World, customers: Iterable[str]) -> dict[str, int]:
        """Which host each customer (by Shopify's id) lives on; the unknown are left out."""
        key = self.keyring.namespace(world.namespace)
        digests = {key.digest("shopify_customer_id", one): one for one in customers}
        with self.connected() as connection:
            rows = connection.execute(OWNERS, (world.namespace, list(digests)), binary=True)
            hosts = self.settings.hosts
            return {digests[digest]: host_of(owner, hosts) for digest, owner in rows.fetchall()}

    def metrics(self) -> str:
        return httpx.get(f"{self.url}/metrics", timeout=10, verify=NO_TLS).text

    def until_whole(self, patience_s: float = WHOLE_AGAIN_S) -> None:
        """Returns once the API says that it is ready and every host answers it."""
        until(self._is_whole, patience_s, f"{self.url} is not whole again")

    def _is_whole(self) -> bool:
        assert self.supervisor.status() != psutil.STATUS_ZOMBIE, "the supervisor has ended"
        try:
            return is_ready(self.url) and len(self._pids()) == self.settings.hosts
        except httpx.TransportError:
            return False

    def _host_pids(self) -> dict[int, int]:
        self.until_whole()
        return self._pids()

    def _pids(self) -> dict[int, int]:
        alive = {process.pid for process in self.hosts()}
        found = {int(host): int(float(pid)) for host, pid in HOST_PID.findall(self.metrics())}
        return {host: pid for host, pid in found.items() if pid in alive}

    def _parts(self, name: str) -> list[psutil.Process]:
        return [process for process, part in parts_of(self.supervisor) if part == name]


@contextmanager
def running(
    folder: Path,
    variables: Mapping[str, str] | None = None,
    hasty: bool = False,
    **settings: str | int,
) -> Iterator[Place]:
    """A new deployment in `folder`; `variables` are added to its environment.

    Killed in the end if we are `hasty`.
    `folder` must be open (0711) to PostgreSQL's own user, as `tests.places.scratch` makes it.
    """
    usual = Settings(data_dir=folder / "data", port=free_port())
    chosen = Settings.model_validate({**usual.model_dump(), **settings})
    with served(chosen, variables or {}, hasty) as supervisor:
        yield Place(chosen, supervisor)

"""What the supervisor knows of its parts, and how it brings back what dies."""

import subprocess
import threading
from collections.abc import Callable, Mapping

import psycopg

from actors.cluster import ClusterError
from actors.creating import HostCreation
from actors.local_ray import JoinedRay, LocalRay
from api.processes import ApiProcesses
from api.readiness import HostsWatch, parts
from api.upkeep import Upkeep
from config.account import PostgresFailed
from config.database import Database
from config.failures import failure
from config.logs import logger
from config.settings import Settings

READY_TIMEOUT_S = 120
WATCH_S = 0.25
TROUBLE = (PostgresFailed, ClusterError, psycopg.Error, OSError, subprocess.SubprocessError)
log = logger()


class Server:
    """A running deployment of one data folder. Nothing here waits for a part to come up, so that
    another that dies meanwhile is noticed."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        ray: LocalRay | JoinedRay,
        api: ApiProcesses,
        upkeep: Upkeep,
    ) -> None:
        self.settings = settings
        self._database = database
        self._ray = ray
        self._api = api
        self._upkeep = upkeep
        self._creation = HostCreation(settings)

    @property
    def url(self) -> str:
        return f"http://{self.settings.host}:{self.settings.port}"

    def start(self, stopped: threading.Event) -> str | None:
        """Returns once everything is ready, or with the reason why it is not."""
        self._api.tend()
        self._upkeep.tend()
        self._creation.begin()
        self._creation.wait()
        pause = 0.05
        for _ in range(int(READY_TIMEOUT_S / pause)):
            if stopped.wait(pause) or _serves(parts(self.url)):
                return None
            if self._api.any_gone:
                return f"an API process ended; see {self.settings.data_dir / 'api.log'}"
            self._api.tend()
        return f"not ready after {READY_TIMEOUT_S} s; see {self.settings.data_dir}"

    def watch(self, stopped: threading.Event, renewal: threading.Event | None = None) -> None:
        """Bring back what dies, until told to stop; renew the API whenever told to."""
        renewal = renewal or threading.Event()
        with HostsWatch(self.url) as hosts:
            while not stopped.wait(WATCH_S):
                self._attempt("database", self._heal_database)
                self._attempt("ray", lambda: self._heal_ray(hosts))
                if renewal.is_set():
                    renewal.clear()
                    self._api.renew()
                self._attempt("api", self._api.tend)
                self._attempt("projections", self._upkeep.tend)

    def stop(self) -> None:
        self._creation.abandon()
        self._api.stop()
        self._upkeep.stop()

    def _attempt(self, part: str, heal: Callable[[], None]) -> None:
        """What cannot be brought back now is tried again in the next round."""
        try:
            heal()
        except TROUBLE as error:
            log.error("part_not_restarted", part=part, **failure(error))

    def _heal_database(self) -> None:
        if self._database.ensure_running():
            log.warning("part_restarted", part="database")

    def _heal_ray(self, hosts: HostsWatch) -> None:
        if self._ray.ensure_running():
            log.warning("part_restarted", part="ray")
            self._populate(hosts)
        elif hosts.are_gone():
            log.warning("part_lost", part="hosts")
            self._ray.restart()
            self._populate(hosts)
        try:
            self._creation.is_done()
        except ClusterError:
            self._creation.begin()
            raise

    def _populate(self, hosts: HostsWatch) -> None:
        """A new Ray has no hosts, and API processes that joined the old one cannot reach them."""
        hosts.are_coming()
        self._creation.begin()
        self._api.renew()


def _serves(told: Mapping[str, bool]) -> bool:
    """A full disk keeps it from storing, not from reading."""
    return all(ready for part, ready in told.items() if part != "disk")

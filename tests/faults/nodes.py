"""A Ray cluster of somebody else's: nodes started as an operator would, on addresses of this
machine, each the family of one `ray start --block`."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from actors.cluster import ENVIRONMENT
from config.children import start_child
from config.secret_file import keep_secret
from tests.faults.network.namespaces import Namespace
from tests.faults.place import kill
from tests.faults.waiting import until
from tests.places import free_port
from tests.processes import is_there, words_of

UP_S = 120.0
STARTS = 3
ENDS_S = 10.0
OBJECT_STORE_BYTES = 80_000_000
# a node that says nothing is given up after some seconds, where it would usually be 30
IMPATIENT: Mapping[str, str] = {
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
}


class Node:
    """One of them. Its processes are looked up anew at each call."""

    def __init__(self, address: str, log: Path, inside: Sequence[str] = ()) -> None:
        """`inside` is how its command begins where it runs somewhere else."""
        self.address = address
        self._log = log
        self._inside = inside
        self._child: subprocess.Popen[bytes] | None = None
        self._family: set[psutil.Process] = set()

    def start(self, environment: Mapping[str, str], *options: str) -> None:
        """Returns when it is up; also again after it was killed.

        Ray gives up a start that takes half a minute, so we try again, as a service manager would.
        """
        command = [
            *self._inside, sys.executable, "-m", "ray.scripts.scripts", "start", "--block",
            f"--node-ip-address={self.address}", "--num-cpus=1", "--disable-usage-stats",
            f"--object-store-memory={OBJECT_STORE_BYTES}", "--log-color=false", *options,
        ]  # fmt: skip
        for _ in range(STARTS):
            if self._comes_up(start_child(command, self._log, {**os.environ, **environment})):
                return
        raise RuntimeError(f"{self.address} does not start, see {self._log}")

    def _comes_up(self, child: "subprocess.Popen[bytes]") -> bool:
        self._child, before = child, self._said()
        until(
            lambda: self._said() > before or child.poll() is not None,
            UP_S, f"{self.address} is not up, see {self._log}",
        )  # fmt: skip
        return child.poll() is None

    def processes(self) -> set[psutil.Process]:
        """All that are there, also those that lost their parent."""
        if self._child is not None:
            with suppress(psutil.NoSuchProcess):
                head = psutil.Process(self._child.pid)
                self._family |= {head, *head.children(recursive=True)}
        self._family = {one for one in self._family if is_there(one)}
        return set(self._family)

    def hosts(self) -> list[psutil.Process]:
        return [one for one in self.processes() if "ray::Host" in words_of(one)]

    def kill(self) -> None:
        """All of it at once, as when the power fails. Nothing where it is not up."""
        if self._child is None:
            return
        kill(*self.processes())
        self._child.wait(ENDS_S)
        psutil.wait_procs(self._family, ENDS_S)
        self._child = None

    def _said(self) -> int:
        """How often that it is up."""
        return self._log.read_text().count("Ray runtime started") if self._log.exists() else 0


class Cluster:
    """A head and any number of other nodes, which share a token."""

    def __init__(self, logs: Path, temp_dir: Path, patience: Mapping[str, str], head: str) -> None:
        self._logs = logs
        self._temp_dir = temp_dir
        self._port = free_port()
        token = temp_dir / "token"
        keep_secret(token, secrets.token_hex(32))
        self.authentication = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token)}
        self._environment = {**ENVIRONMENT, **patience, **self.authentication}
        self.head = Node(head, logs / "head.log")
        self.nodes = [self.head]

    @property
    def address(self) -> str:
        return f"{self.head.address}:{self._port}"

    def start_head(self) -> None:
        """Always on the same address."""
        port, temp_dir = f"--port={self._port}", f"--temp-dir={self._temp_dir}"
        self.head.start(self._environment, "--head", port, temp_dir, "--include-dashboard=false")

    def join(
        self, variables: Mapping[str, str] | None = None, namespace: Namespace | None = None
    ) -> Node:
        """Another node, with further variables in its environment, or in another network."""
        number = len(self.nodes) + 1
        log = self._logs / f"node-{number}.log"
        if namespace is None:
            node = Node(f"127.0.0.{number}", log)
        else:
            node = Node(namespace.far, log, namespace.inside)
        self.nodes.append(node)
        node.start({**self._environment, **(variables or {})}, f"--address={self.address}")
        return node

    def hosts(self) -> list[psutil.Process]:
        return [host for node in self.nodes for host in node.hosts()]

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()


@contextmanager
def cluster(
    logs: Path, patience: Mapping[str, str] = IMPATIENT, head: str = "127.0.0.1"
) -> Iterator[Cluster]:
    """With a head only, to begin with. Needs no `ray stop`, which would end everybody's Ray."""
    temp_dir = Path(tempfile.mkdtemp(prefix="c360-"))  # short: Ray puts sockets below it
    made = Cluster(logs, temp_dir, patience, head)
    try:
        made.start_head()
        yield made
    finally:
        made.stop()
        shutil.rmtree(temp_dir)

"""Ray: start a local one or join one, create the hosts once, ping them before saying ready.

Only this module creates hosts. Handlers look them up by name.
"""

import asyncio
import logging
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from actors.gateway import HostLost
from config.children import start_child
from config.secret_file import keep_secret
from config.settings import Settings, environment_of, load_settings

NAMESPACE = "customer360"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 10
PING_TIMEOUT_S = 60
CALL_TIMEOUT_S = 15.0  # a batch that takes longer is taken for lost; its ids make that safe
MAX_PENDING_CALLS = 64
INLINE_BYTES = 1_000_000  # larger arguments take the way round through the object store
OBJECT_STORE_BYTES = 80_000_000  # batches travel inline; the store is hardly used


class ClusterError(Exception):
    """Ray did not start, or its hosts did not answer."""


def set_environment(ray_dir: Path) -> None:
    """Before Ray is imported: no telemetry, token authentication with a 0600 file."""
    token = ray_dir / "token"
    keep_secret(token, secrets.token_hex(32))
    os.environ.update(
        {
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(token),
            "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
            "RAY_DEDUP_LOGS": "0",
            "RAY_max_direct_call_object_size": str(INLINE_BYTES),
            "RAY_worker_niceness": "0",  # at its default of 15 the hosts starve beside the API
        }
    )


@contextmanager
def local_ray(ray_dir: Path, temp_dir: Path) -> Iterator[str]:
    """A Ray head of our own as a child process; yields its address.

    `temp_dir` must be short: Ray puts Unix sockets below it.
    """
    port = _free_port()
    command = [
        sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block",
        f"--port={port}", "--node-ip-address=127.0.0.1", "--include-dashboard=false",
        "--disable-usage-stats", f"--temp-dir={temp_dir}", "--num-cpus=2",
        f"--object-store-memory={OBJECT_STORE_BYTES}", "--log-color=false",
    ]  # fmt: skip
    child = start_child(command, ray_dir / "ray.log")
    try:
        yield f"127.0.0.1:{port}"
    finally:
        _stop(child)


def connect(address: str) -> None:
    """Join the Ray at `address` as a driver. Raises ClusterError."""
    import ray

    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            ray.init(
                address=address,
                namespace=NAMESPACE,
                log_to_driver=False,
                logging_level=logging.ERROR,
                configure_logging=False,
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            if time.monotonic() > deadline:
                raise ClusterError(f"Ray at {address} did not answer: {error}") from error
            time.sleep(0.1)
        else:
            return


def create_hosts(settings: Settings) -> None:
    """Create the hosts that are not there yet and wait until each has answered a ping.

    In a process of its own, which holds its driver only as long as this takes: a driver takes
    over the signals and some 60 MB of whoever it lives in. Raises ClusterError.
    """
    done = subprocess.run(  # our own interpreter, fixed arguments
        [sys.executable, "-m", "actors.cluster"],
        env={**os.environ, **environment_of(settings)},
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S + PING_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise ClusterError(done.stderr.strip().rpartition("\n")[2])


def main() -> None:
    settings = load_settings()
    assert settings.ray_address is not None
    assert settings.database_url is not None
    set_environment(settings.ray_dir)
    connect(settings.ray_address)
    _create_hosts(settings.hosts, settings.database_url, settings.master_key_file)


def _create_hosts(count: int, dsn: str, master_key_file: Path) -> None:
    import ray

    from actors.host import Host

    actor: Any = Host  # a Ray actor class since its decorator; Ray's stubs do not say so
    handles = [
        actor.options(
            name=f"host-{number}",
            namespace=NAMESPACE,
            get_if_exists=True,
            lifetime="detached",
            num_cpus=0,
            max_restarts=-1,
            max_task_retries=0,
            max_pending_calls=MAX_PENDING_CALLS,
            enable_task_events=False,
            scheduling_strategy="SPREAD",
        ).remote(dsn, str(master_key_file))
        for number in range(count)
    ]
    try:
        ray.get([handle.stats.remote() for handle in handles], timeout=PING_TIMEOUT_S)
    except ray.exceptions.RayError as error:
        raise ClusterError(f"the hosts did not answer a ping: {type(error).__name__}") from error


class RayHost:
    """One host as the gateway calls it, found by name again after it was lost."""

    def __init__(self, number: int) -> None:
        self._name = f"host-{number}"
        self._handle: Any = None

    async def apply(self, batch: bytes) -> bytes:
        answer: bytes = await self._call("apply", batch)
        return answer

    async def stats(self) -> dict[str, Any]:
        answer: dict[str, Any] = await self._call("stats")
        return answer

    async def _call(self, method: str, *arguments: object) -> Any:
        import ray

        try:
            if self._handle is None:
                self._handle = ray.get_actor(self._name, namespace=NAMESPACE)
            reference = getattr(self._handle, method).remote(*arguments)
            return await asyncio.wait_for(reference, CALL_TIMEOUT_S)
        except (ray.exceptions.RayError, ValueError, TimeoutError) as error:
            raise HostLost(f"{self._name}: {type(error).__name__}") from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """End the head and what it started. Nothing is lost by force: state is in the database."""
    try:
        family = psutil.Process(child.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    child.kill()
    child.wait(STOP_TIMEOUT_S)
    psutil.wait_procs(family, STOP_TIMEOUT_S)


if __name__ == "__main__":
    main()

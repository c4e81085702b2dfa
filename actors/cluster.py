"""Ray: join it, create the hosts once, ping them before saying ready, spread them over the nodes.

Only this module creates hosts, run as a program by `creating`. Handlers look them up by name, see
`calling`.
"""

import logging
import os
import secrets
import time
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from actors.build import build
from config.secret_file import keep_secret
from config.settings import Settings, load_settings

START_TIMEOUT_S = 60
PING_TIMEOUT_S = 60
NAME_FREE_TIMEOUT_S = 20
HOST = "host-"  # how their names begin
MAX_PENDING_CALLS = 64
ANY_BYTES = 1  # an actor that wants nothing at all is put on a random node, whatever else is said
INLINE_BYTES = 1_000_000  # larger arguments take the way round through the object store
AUTHENTICATION = frozenset({"RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"})
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_max_direct_call_object_size": str(INLINE_BYTES),
    "RAY_worker_niceness": "0",  # at its default of 15 the hosts starve beside the API
    # a node that does not answer is given up after some 30 s and its hosts start elsewhere
    "RAY_health_check_period_ms": "3000",
    "RAY_health_check_timeout_ms": "5000",
    "RAY_health_check_failure_threshold": "4",
}

# without it an API process would end a minute after Ray's head did, and nobody could read any more
DRIVER_ENVIRONMENT = {"RAY_gcs_rpc_server_reconnect_timeout_s": "604800"}


class ClusterError(Exception):
    """Ray did not start, or its hosts did not answer."""


def set_environment(settings: Settings) -> None:
    """Before Ray is imported: no telemetry; token authentication with a 0600 file.

    To a Ray of somebody else's we speak as its operator told us by RAY_AUTH_…, if he did.
    """
    os.environ.update(ENVIRONMENT | DRIVER_ENVIRONMENT)
    token = settings.ray_dir / "token"
    if settings.ray_address is None:
        keep_secret(token, secrets.token_hex(32))
    elif not token.exists() or AUTHENTICATION & os.environ.keys():
        return
    os.environ.update({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token)})


def connect(settings: Settings) -> None:
    """Join Ray as a driver. Raises ClusterError."""
    import ray

    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            ray.init(
                address=settings.ray_address,
                namespace=settings.ray_namespace,
                log_to_driver=False,
                logging_level=logging.ERROR,
                configure_logging=False,
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            if time.monotonic() > deadline:
                message = f"Ray at {settings.ray_address} did not answer: {error}"
                raise ClusterError(message) from error
            time.sleep(0.1)
        else:
            return


def main() -> None:
    """Create the hosts that are not there yet, and return when each has answered a ping."""
    settings = load_settings()
    set_environment(settings)
    connect(settings)
    _create_hosts(settings)


def _create_hosts(settings: Settings) -> None:
    found = _found(settings)
    if strangers := [n for n, host in found.items() if host["serves"] != served(settings)]:
        raise ClusterError(
            f"host-{strangers[0]} in Ray's namespace {settings.ray_namespace} belongs to another "
            "database; choose another C360_RAY_NAMESPACE"
        )
    nodes = _nodes()
    for number, host in found.items():
        if number >= settings.hosts or _is_outdated(number, host, nodes):
            _end(host_name(number), settings)
    _ping([_made(number, nodes[number % len(nodes)], settings) for number in range(settings.hosts)])


def _found(settings: Settings) -> dict[int, dict[str, Any]]:
    """What the hosts say that are there already, whoever made them; by number."""
    import ray

    names: list[str] = ray.util.list_named_actors()  # of the namespace that we joined
    numbers = sorted(int(name.removeprefix(HOST)) for name in names if name.startswith(HOST))
    hosts = [ray.get_actor(host_name(number), settings.ray_namespace) for number in numbers]
    return dict(zip(numbers, _ping(hosts), strict=True))


def _is_outdated(number: int, host: dict[str, Any], nodes: Sequence[str]) -> bool:
    """Of an older build, or elsewhere than its turn is: its node died, or came after it."""
    return (host["build"], host["node"]) != (build(), nodes[number % len(nodes)])


def _made(number: int, node: str, settings: Settings) -> Any:
    """The host of this number, there already or new on the node whose turn it is."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    from actors.host import Host

    actor: Any = Host  # a Ray actor class since its decorator; Ray's stubs do not say so
    return actor.options(
        name=host_name(number),
        namespace=settings.ray_namespace,
        get_if_exists=True,
        lifetime="detached",
        num_cpus=0,
        memory=ANY_BYTES,
        max_restarts=-1,
        max_task_retries=0,
        max_pending_calls=MAX_PENDING_CALLS,
        enable_task_events=False,
        # soft: when its node dies it starts again on any other
        scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=True),
    ).remote(settings.database_url, str(settings.master_key_file), served(settings))


def served(settings: Settings) -> str:
    """Tells deployments apart that share a Ray cluster; says nothing about the password."""
    known = conninfo_to_dict(settings.database_url or "")
    where = "\0".join(str(known.get(part)) for part in ("host", "port", "dbname"))
    return blake2b(where.encode(), digest_size=8).hexdigest()


def _nodes() -> list[str]:
    import ray

    known = ray.nodes()  # type: ignore[no-untyped-call]  # Ray does not say
    return sorted(node["NodeID"] for node in known if node["Alive"])


def _ping(hosts: Sequence[Any]) -> list[dict[str, Any]]:
    import ray

    try:
        told: list[dict[str, Any]] = ray.get(
            [host.stats.remote() for host in hosts], timeout=PING_TIMEOUT_S
        )
    except ray.exceptions.RayError as error:
        raise ClusterError(f"the hosts did not answer a ping: {_why(error)}") from error
    return told


def _why(error: Exception) -> str:
    """The kind of error; where a host never came up, what its own code said, such as a path."""
    if getattr(error, "actor_init_failed", False):
        return str(error).strip().rpartition("\n")[2]
    return type(error).__name__


def _end(name: str, settings: Settings) -> None:
    """Ends a host for good; nothing is lost by force. Returns when its name is free."""
    import ray

    ray.kill(ray.get_actor(name, namespace=settings.ray_namespace), no_restart=True)
    deadline = time.monotonic() + NAME_FREE_TIMEOUT_S
    while _exists(name, settings):
        if time.monotonic() > deadline:
            raise ClusterError(f"{name} does not end")
        time.sleep(0.1)


def _exists(name: str, settings: Settings) -> bool:
    import ray

    try:
        ray.get_actor(name, namespace=settings.ray_namespace)
    except ValueError:
        return False
    return True


def host_name(number: int) -> str:
    return f"{HOST}{number}"


if __name__ == "__main__":
    main()

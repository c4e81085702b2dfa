"""The processes of a running server, by what they are."""

from collections.abc import Iterator, Mapping, Sequence

import psutil

from tests.bench.place import Deployment

MB = 1_000_000
Family = Mapping[str, Sequence[psutil.Process]]


def family_of(deployment: Deployment) -> Family:
    """The supervisor is our child; everything else descends from it."""
    supervisor = next(
        child
        for child in psutil.Process().children()
        if str(deployment.settings.data_dir) in child.cmdline()
    )
    found: dict[str, list[psutil.Process]] = {"supervisor": [supervisor]}
    for process, name in sorted(_named(supervisor), key=lambda one: (one[1], one[0].pid)):
        found.setdefault(name, []).append(process)
    hosts = found.pop("host", [])
    found.update({f"host {number}": [process] for number, process in enumerate(hosts)})
    return found


def _named(supervisor: psutil.Process) -> Iterator[tuple[psutil.Process, str]]:
    for process in supervisor.children(recursive=True):
        try:
            command, program = process.cmdline(), process.name()
        except psutil.NoSuchProcess:  # Postgres ends a process with each client
            continue
        if command and command[0].startswith("ray::Host"):
            yield process, "host"
        elif "api.server" in command:
            yield process, "api"
        else:
            yield process, "postgres" if program == "postgres" else "ray"


def cpu_s(deployment: Deployment) -> dict[str, float]:
    """Processor time so far; hosts together. Looked up anew: Postgres starts a process a client."""
    used: dict[str, float] = {}
    for name, processes in family_of(deployment).items():
        kind = "hosts" if name.startswith("host") else name
        used[kind] = used.get(kind, 0.0) + sum(_cpu_s(process) for process in processes)
    return used


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def memory_mb(processes: Sequence[psutil.Process]) -> dict[str, float]:
    """PSS shares out what several processes have in common, so only it may be added up."""
    memories = [process.memory_full_info() for process in processes if process.is_running()]
    return {
        "processes": len(memories),
        "RSS MB": sum(memory.rss for memory in memories) / MB,
        "PSS MB": sum(memory.pss for memory in memories) / MB,
    }

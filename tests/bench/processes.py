"""The processes of a running server, by what they are."""

from collections.abc import Mapping, Sequence

import psutil

from tests.bench.place import Deployment
from tests.processes import parts_of, supervisor_of, words_of

MB = 1_000_000
RAY = {"raylet": "ray", "gcs": "ray"}
Family = Mapping[str, Sequence[psutil.Process]]


def family_of(deployment: Deployment) -> Family:
    """The supervisor is our child; everything else descends from it. Ray is taken as one."""
    supervisor = supervisor_of(deployment.settings.data_dir)
    found: dict[str, list[psutil.Process]] = {"supervisor": [supervisor]}
    for process, name in sorted(parts_of(supervisor), key=lambda one: (one[1], one[0].pid)):
        is_reader = "projections.worker" in words_of(process)  # it is started beside Ray's
        found.setdefault("projections" if is_reader else RAY.get(name, name), []).append(process)
    hosts = found.pop("host", [])
    found.update({f"host {number}": [process] for number, process in enumerate(hosts)})
    return found


def cpu_s(deployment: Deployment) -> dict[str, float]:
    """Processor time so far; hosts together. Looked up anew: Postgres starts a process a client."""
    used: dict[str, float] = {}
    for name, processes in family_of(deployment).items():
        kind = "hosts" if name.startswith("host") else name
        used[kind] = used.get(kind, 0.0) + sum(cpu_of(process) for process in processes)
    return used


def cpu_of(process: psutil.Process) -> float:
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

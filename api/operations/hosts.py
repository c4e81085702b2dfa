"""What the hosts say about themselves, and which of them are lost or came back as a new process."""

from collections import Counter
from collections.abc import Mapping, Sequence

from api.operations.shared import Shared
from api.ports import Ports
from config.edges import Outage
from config.logs import logger

Stats = Mapping[str, object]
log = logger()


class Hosts:
    """`restarts` counts, by host, the times another process answered in its place."""

    def __init__(self, ports: Ports) -> None:
        self._stats = Shared(lambda: ports.gateway.stats())
        self._pids: dict[str, object] = {}
        self._outages: dict[str, Outage] = {}
        self.restarts: Counter[str] = Counter()

    async def stats(self) -> Sequence[Stats]:
        """One mapping a host; those that do not answer have a `lost`. Raises TimeoutError."""
        hosts = await self._stats.answer()
        for number, host in enumerate(hosts):
            name = name_of(number, host)
            self._note_outage(name, host)
            self._note_process(name, host.get("pid"))
        return hosts

    def _note_outage(self, name: str, host: Stats) -> None:
        outage = self._outages.setdefault(name, Outage("host_lost", "host_back"))
        if "lost" in host:
            outage.failed(host=name)
        else:
            outage.over(host=name)

    def _note_process(self, name: str, pid: object) -> None:
        if not isinstance(pid, int):
            return
        if self._pids.setdefault(name, pid) != pid:
            self._pids[name] = pid
            self.restarts[name] += 1
            log.warning("host_restarted", host=name, child=pid)


def name_of(number: int, host: Stats) -> str:
    """What a host is called in metrics, logs and health."""
    return str(host.get("host", number))

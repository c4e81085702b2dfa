"""The callers' side of the hosts: who is it about, which host, and its outcome back.

See `line` for how signals travel to a host.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from actors.identities import Identities
from actors.line import PATIENCE_S, Deliveries, HostLost, HostPort, Line
from actors.locked import Locked
from actors.placement import host_of, shard_of
from actors.signals import Outcome, Routed, Signal, Unavailable, UnknownProfile
from aggregates.profile.identifiers import Identifier

RESOLUTIONS = 64  # of one signal, while others change whose its identifiers are


class Gateway:
    def __init__(self, hosts: Sequence[HostPort], identities: Identities) -> None:
        self.deliveries = Deliveries()
        self._hosts = hosts
        self._lines = [Line(host, self.deliveries) for host in hosts]
        self._identities = identities
        self._locked = Locked()

    @property
    def waiting(self) -> int:
        """Signals not yet under way to their host."""
        return sum(line.waiting for line in self._lines)

    @property
    def held_up(self) -> int:
        """Signals without an outcome because their host was silent for long."""
        return sum(line.held_up for line in self._lines)

    @property
    def silent_until(self) -> float:
        """When a host was last silent for long, by the event loop's clock."""
        return max(line.silence.until for line in self._lines)

    async def submit(self, signal: Signal) -> Outcome:
        """The signal's outcome once it is durable.

        Raises Busy at once when too many wait, Unavailable when the outcome is not known in time
        (`line.PATIENCE_S`), NobodyYet for a signal that may not create a profile, UnknownProfile
        for a profile id that is not in the signal's namespace.
        """
        dropped: tuple[Identifier, ...] = ()
        until = asyncio.get_running_loop().time() + PATIENCE_S
        for _ in range(RESOLUTIONS):
            routed = await self._identities.route(signal, dropped)
            shard, outcome = shard_of(routed.profile), None
            try:
                self._locked.check(shard)
                outcome = await self._line_of(routed).send(routed)
            finally:
                self._identities.settled(routed, outcome)
            if outcome.refused == "unknown_profile":
                raise UnknownProfile(str(routed.profile))
            if outcome.blocked:
                raise self._locked.found(shard)
            self._locked.free(shard)
            if not outcome.outrun:
                return outcome
            dropped = outcome.dropped or dropped
            if asyncio.get_running_loop().time() > until:
                break
        raise Unavailable("others keep claiming the same identifiers")

    async def stats(self) -> list[dict[str, Any]]:
        """One dict of numbers a host; a host that does not answer says only so."""
        return list(await asyncio.gather(*(self._stats_of(host) for host in self._hosts)))

    async def _stats_of(self, host: HostPort) -> dict[str, Any]:
        try:
            return await host.stats()
        except HostLost as error:
            return {"lost": str(error)}

    def _line_of(self, routed: Routed) -> Line:
        return self._lines[host_of(routed.profile, len(self._lines))]

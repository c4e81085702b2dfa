"""API processes that break promises, each in its own way."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from actors.gateway import Gateway
from actors.identities import Asking, Identities
from actors.line import HostPort, Line
from actors.line import Waiting as InLine
from actors.signals import Outcome, Routed, Signal, UnknownProfile
from aggregates.log.port import Key


class AnswersOutrun(Gateway):
    """Who came second is answered instead of resolved again."""

    async def submit(self, signal: Signal) -> Outcome:
        routed = await self._identities.route(signal)
        outcome = await self._line_of(routed).send(routed)
        self._identities.settled(routed, outcome)
        if outcome.refused == "unknown_profile":
            raise UnknownProfile
        return outcome


class MixesAnswersUp(Gateway):
    def __init__(self, hosts: Sequence[HostPort], identities: Identities) -> None:
        super().__init__(hosts, identities)
        self._lines = [BackwardsLine(host) for host in hosts]


class BackwardsLine(Line):
    async def _applied(self, batch: list[InLine]) -> bytes:
        return await super()._applied(batch[::-1])


class NeverForgetsMinted(Identities):
    def settled(self, routed: Routed, outcome: Outcome | None) -> None:
        """Nothing is forgotten."""


class DisputesWithTheUnmade(Identities):
    """Takes who is to come for who is there."""

    def _routed(self, asking: Asking, found: Mapping[Key, UUID]) -> Routed:
        to_come = self._minted._profiles
        there = {key: to_come[key] for key in asking.keys.values() if key in to_come}
        return super()._routed(asking, {**there, **found})


class KeepsWhatNobodyWaitsFor(Identities):
    """An id minted for a caller who has just gone stays for ever."""

    def _left(self, answer: "asyncio.Future[Routed]") -> None:
        """Nothing is forgotten."""


BROKEN_GATEWAYS: dict[type[Gateway], str] = {AnswersOutrun: "stale owners", MixesAnswersUp: ""}
BROKEN_IDENTITIES: dict[type[Identities], str] = {
    NeverForgetsMinted: "",
    DisputesWithTheUnmade: "slow",
    KeepsWhatNobodyWaitsFor: "caller leaves",
}

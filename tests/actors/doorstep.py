"""Signals brought to their owners one batch after the other: no network, no waiting, no faults."""

from collections import deque
from collections.abc import Mapping, Sequence
from random import Random
from uuid import UUID

from actors.signals import Outcome, Routed, Signal
from aggregates.profile.identifiers import Identifier
from aggregates.resolution import attribute
from tests.actors.callers import minting
from tests.actors.shopping import KEYRING, Host


class Door:
    """Brings signals to their owners, in batches; those nobody owns yet come again later."""

    def __init__(self) -> None:
        self.host = Host()
        self._mint = minting()
        self.delivered: list[tuple[Signal, Outcome]] = []

    def deliver(self, signals: Sequence[Signal], cuts: Random | None = None) -> None:
        waiting = deque(signals)
        while waiting:
            size = cuts.randint(1, 7) if cuts else 1
            batch = self._routed([waiting.popleft() for _ in range(min(size, len(waiting)))])
            told = [routed for routed in batch if isinstance(routed, Routed)]
            outcomes = self.host.apply(*told)
            self.delivered += zip((routed.signal for routed in told), outcomes, strict=True)
            waiting.extend(routed for routed in batch if isinstance(routed, Signal))

    def _routed(self, signals: Sequence[Signal]) -> list[Routed | Signal]:
        minted: dict[Identifier, UUID] = {}
        return [self._one(sent, minted) for sent in signals]

    def _one(self, sent: Signal, minted: dict[Identifier, UUID]) -> Routed | Signal:
        owners = {**minted, **self._owners(sent)}
        found = attribute(sent.identifiers, owners)
        if found.profile is not None:
            return Routed(found.profile, False, found.recognise, sent, found.owned_elsewhere)
        if not sent.creates:
            return sent
        profile = self._mint()
        minted.update(dict.fromkeys(sent.identifiers, profile))
        return Routed(profile, True, found.recognise, sent)

    def _owners(self, sent: Signal) -> Mapping[Identifier, UUID]:
        digest = KEYRING.namespace(sent.namespace).digest
        held = self.host.tables.identifiers
        keys = {one: (sent.namespace, digest(one.kind, one.value)) for one in sent.identifiers}
        return {one: held[key] for one, key in keys.items() if key in held}

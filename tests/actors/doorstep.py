"""Signals brought to their owners one batch after the other: no network, no waiting, no faults."""

from collections import deque
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple
from uuid import UUID

from actors.signals import Outcome, Routed, Signal
from aggregates.profile.identifiers import Identifier
from aggregates.resolution import Owned, Seen, attribute
from tests.actors.callers import minting
from tests.actors.shopping import KEYRING, Host


class Sent(NamedTuple):
    """`dropped`: what had to be left out of it the last time."""

    signal: Signal
    dropped: tuple[Identifier, ...] = ()


class Door:
    """Brings signals to their owners, in batches; those nobody owns yet come again later."""

    def __init__(self, host: Host | None = None) -> None:
        self.host = host or Host()
        self._mint = minting()
        self.delivered: list[tuple[Signal, Outcome]] = []

    def deliver(self, signals: Sequence[Signal], cuts: Random | None = None) -> None:
        waiting = deque(Sent(signal) for signal in signals)
        while waiting:
            size = cuts.randint(1, 7) if cuts else 1
            batch = [waiting.popleft() for _ in range(min(size, len(waiting)))]
            waiting.extend(self._told(batch))

    def _told(self, batch: Sequence[Sent]) -> list[Sent]:
        """Those that must come again."""
        minted: dict[Identifier, UUID] = {}
        routed = [(sent, self._routed(sent, minted)) for sent in batch]
        told = [(sent, one) for sent, one in routed if one is not None]
        again = [sent for sent, one in routed if one is None]
        for (sent, _), outcome in zip(told, self.host.apply(*(r for _, r in told)), strict=True):
            if outcome.outrun:
                again.append(Sent(sent.signal, outcome.dropped or sent.dropped))
            else:
                self.delivered.append((sent.signal, outcome))
        return again

    def _routed(self, sent: Sent, minted: dict[Identifier, UUID]) -> Routed | None:
        signal, owners = sent.signal, dict(self.owners(sent.signal))
        if not (owners.keys() - set(sent.dropped)):
            owners |= {i: Owned(i, p, p) for i, p in minted.items() if i in signal.identifiers}
        seen = Seen(signal.identifiers, signal.powerless, sent.dropped)
        head = self.host.tables.index.head_of
        named = signal.profile and (head(signal.profile), signal.profile)
        found = attribute(seen, owners, named or None)
        if found.profile is not None and found.subject is not None:
            return Routed(found.profile, False, found.recognise, signal, found.subject, found.owned)
        if not signal.creates:
            return None
        profile = self._mint()
        minted.update((known, profile) for known in signal.identifiers if known not in owners)
        return Routed(profile, True, found.recognise, signal, profile, found.owned)

    def owners(self, sent: Signal) -> Mapping[Identifier, Owned]:
        digest = KEYRING.namespace(sent.namespace).digest
        index = self.host.tables.index
        found = {
            i: index.owner((sent.namespace, digest(i.kind, i.value))) for i in sent.identifiers
        }
        return {known: Owned(known, *owner) for known, owner in found.items() if owner}

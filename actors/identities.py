"""Identifiers to profiles: looks owners up in batches, asks resolution, mints new ids.

What is looked up while a look-up is under way waits for the next one, so the batch grows with
the load and nobody waits for a timer.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from actors.minted import Minted
from actors.signals import NobodyYet, Outcome, Routed, Signal, Unavailable
from aggregates.log.keys import Keyring
from aggregates.log.port import Key as Key
from aggregates.log.port import LogUnreachable, Owner
from aggregates.profile.decisions.consent import WithdrawConsent
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.decisions.message_commands import RequestSend
from aggregates.profile.identifiers import Identifier
from aggregates.resolution import Owned, Seen, attribute
from aggregates.shop.bounds import Bounds

MAX_LOOKUP = 512  # signals in one query


class Owners(Protocol):
    """Who owns identifiers, and who stands for whom. Raises LogUnreachable."""

    async def of(self, keys: Sequence[Key]) -> dict[Key, Owner]:
        """By (namespace, digest)."""

    async def heads(self, profiles: Sequence[UUID]) -> dict[UUID, UUID]:
        """Of those among these profiles that are part of another one."""


class Asking(NamedTuple):
    signal: Signal
    dropped: tuple[Identifier, ...]
    keys: dict[Identifier, Key]
    answer: "asyncio.Future[Routed]"

    @property
    def telling(self) -> dict[Identifier, Key]:
        """Without those that have no say, and are not going to be linked."""
        return {known: key for known, key in self.keys.items() if known not in self.dropped}


class Identities:
    """One per API process. Two processes may mint for the same shopper at once: the database
    lets one claim the identifiers, the other's signal is resolved again."""

    def __init__(
        self,
        owners: Owners,
        keyring: Keyring,
        mint: Callable[[], UUID],
        rules_of: Callable[[int], Bounds],
    ) -> None:
        """`rules_of` a namespace go with every signal; it may raise Unavailable."""
        self._owners = owners
        self._keyring = keyring
        self._rules_of = rules_of
        self._minted = Minted(mint)
        self._asking: list[Asking] = []
        self._looking: asyncio.Task[None] | None = None

    async def owners(
        self, namespace: int, identifiers: Sequence[Identifier]
    ) -> dict[Identifier, UUID]:
        """The profiles that stand for the owners of these identifiers. Raises Unavailable."""
        keys = self._keys(namespace, identifiers)
        try:
            found = await self._owners.of(list(keys.values()))
        except LogUnreachable as error:
            raise Unavailable("the database does not answer") from error
        return {known: found[key].head for known, key in keys.items() if key in found}

    async def head(self, profile: UUID) -> UUID:
        """Who stands for the profile: itself unless it is part of another. Raises Unavailable."""
        try:
            return (await self._owners.heads([profile])).get(profile, profile)
        except LogUnreachable as error:
            raise Unavailable("the database does not answer") from error

    async def route(self, signal: Signal, dropped: tuple[Identifier, ...] = ()) -> Routed:
        """The profile a signal belongs to, minted where it is the first of its shopper.

        The `dropped` of its identifiers have no say in that.

        Raises NobodyYet for a signal that may not create one, Unavailable.
        """
        asking = Asking(
            signal,
            dropped,
            self._keys(signal.namespace, signal.identifiers),
            asyncio.get_running_loop().create_future(),
        )
        self._asking.append(asking)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            return await asking.answer
        except asyncio.CancelledError:
            self._left(asking.answer)
            raise

    def settled(self, routed: Routed, outcome: Outcome | None) -> None:
        """The signal was answered, or its outcome is unknown (None)."""
        if not routed.fresh:
            return
        if outcome is not None and outcome.version == 0:  # nobody may follow who was not made
            self._minted.forget(routed.profile)
        else:
            self._minted.forget_soon(routed.profile)

    def _left(self, answer: "asyncio.Future[Routed]") -> None:
        """The caller has gone, perhaps when an id had just been minted for it."""
        if not answer.cancelled() and answer.exception() is None and answer.result().fresh:
            self._minted.forget(answer.result().profile)

    async def _look(self) -> None:
        try:
            while self._asking:
                batch, self._asking = self._asking[:MAX_LOOKUP], self._asking[MAX_LOOKUP:]
                await self._answer(batch)
        finally:
            self._looking = None

    async def _answer(self, batch: list[Asking]) -> None:
        wanted = {key for asking in batch for key in asking.keys.values()}
        named = {one for asking in batch if (one := asking.signal.profile) is not None}
        try:
            found = await self._owners.of(list(wanted)) if wanted else {}
            heads = await self._owners.heads(list(named)) if named else {}
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody may wait for ever
            for asking in batch:
                _settle(asking, error=_named(error))
            return
        for asking in batch:
            if asking.answer.done():  # the caller has gone: an id minted now would never settle
                continue
            try:
                _settle(asking, routed=self._routed(asking, found, heads))
            except Exception as error:  # noqa: BLE001  # NobodyYet, or a bug that is this signal's
                _settle(asking, error=error)

    def _routed(
        self, asking: Asking, found: Mapping[Key, Owner], heads: Mapping[UUID, UUID]
    ) -> Routed:
        signal = asking.signal
        rules = _told(self._rules_of(signal.namespace), signal)
        if signal.profile is not None and not signal.identifiers:  # there is nothing to weigh
            head = heads.get(signal.profile, signal.profile)
            return Routed(head, False, _BARE, signal, signal.profile, rules=rules)
        seen = Seen(signal.identifiers, signal.powerless, asking.dropped)
        owners = {known: Owned(known, *found[k]) for known, k in asking.keys.items() if k in found}
        named = _named_by_id(signal.profile, heads)
        if named is None and not (owners.keys() - set(asking.dropped)):
            owners |= {
                known: Owned(known, profile, profile)
                for known, profile in self._minted.owners(asking.telling).items()
                if known not in owners
            }
        found_out = attribute(seen, owners, named)
        if found_out.profile is not None and found_out.subject is not None:
            return Routed(
                found_out.profile,
                False,
                found_out.recognise,
                signal,
                found_out.subject,
                found_out.owned,
                rules,
            )
        if not signal.creates:
            raise NobodyYet(f"{len(signal.identifiers)} identifiers, none of them known yet")
        telling = asking.telling.items()
        profile = self._minted.new(key for known, key in telling if known not in owners)
        return Routed(profile, True, found_out.recognise, signal, profile, found_out.owned, rules)

    def _keys(self, namespace: int, identifiers: Sequence[Identifier]) -> dict[Identifier, Key]:
        digest = self._keyring.namespace(namespace).digest
        return {known: (namespace, digest(known.kind, known.value)) for known in identifiers}


def _told(rules: Bounds, signal: Signal) -> Bounds:
    asks = any(isinstance(step.command, RequestSend | WithdrawConsent) for step in signal.steps)
    return rules if asks else rules.besides_messaging()


def _named_by_id(profile: UUID | None, heads: Mapping[UUID, UUID]) -> tuple[UUID, UUID] | None:
    return None if profile is None else (heads.get(profile, profile), profile)


def _named(error: Exception) -> Exception:
    if isinstance(error, LogUnreachable):
        return Unavailable(f"the database does not answer: {error}")
    return error


_BARE = Recognise()


def _settle(asking: Asking, routed: Routed | None = None, error: Exception | None = None) -> None:
    if asking.answer.done():  # the caller has gone
        return
    if error is not None:
        asking.answer.set_exception(error)
    elif routed is not None:
        asking.answer.set_result(routed)

"""Profile ids whose first signal is still under way, so that what follows it goes there, too."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from aggregates.log.port import Key
from aggregates.profile.identifiers import Identifier, strongest_first

SETTLE_S = 1.0  # how long an id is remembered after its signal was answered


class Minted:
    """What one API process knows before the database does."""

    def __init__(self, mint: Callable[[], UUID]) -> None:
        self._mint = mint
        self._profiles: dict[Key, UUID] = {}
        self._keys: dict[UUID, list[Key]] = {}

    def new(self, keys: Iterable[Key]) -> UUID:
        """An id for the profile that is going to own these."""
        profile = self._mint()
        self._keys[profile] = list(keys)
        self._profiles.update(dict.fromkeys(self._keys[profile], profile))
        return profile

    def owners(self, keys: Mapping[Identifier, Key]) -> dict[Identifier, UUID]:
        """What the profile to come of the strongest identifier is going to own.

        Nobody else who is to come is named: he may never come, and a claim settles it if he does.
        """
        held = {known: self._profiles[key] for known, key in keys.items() if key in self._profiles}
        if not held:
            return {}
        first = held[strongest_first(tuple(held))[0]]
        return {known: profile for known, profile in held.items() if profile == first}

    def forget(self, profile: UUID) -> None:
        for key in self._keys.pop(profile, ()):
            if self._profiles.get(key) == profile:
                del self._profiles[key]

    def forget_soon(self, profile: UUID) -> None:
        """Look-ups that are under way may not have seen the new profile yet."""
        asyncio.get_running_loop().call_later(SETTLE_S, self.forget, profile)

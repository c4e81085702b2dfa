"""Whose history is asked for: a profile with all it stands for, or whoever stands for it now."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from aggregates.profile.profile import Profile
from api.errors import no_such
from api.ports import Folded, Ports


class Customer(NamedTuple):
    """`subjects` are the profiles that are read together, the one asked for among them."""

    folded: Folded
    subjects: Sequence[UUID]

    @property
    def id(self) -> UUID:
        return self.folded.profile_id

    @property
    def profile(self) -> Profile:
        return self.folded.profile

    @property
    def path(self) -> str:
        return f"/v1/profiles/{self.id}"


async def customer(ports: Ports, namespace: int, profile_id: UUID) -> Customer:
    """Raises Problem (404)."""
    found = await ports.histories.profile(namespace, profile_id)
    if found is not None and found.profile.lineage.absorbed_into is not None:
        head = await ports.identities.head(profile_id)
        found = await ports.histories.profile(namespace, head) or found
    if found is None:
        raise no_such("profile")
    return Customer(found, [found.profile_id, *found.profile.lineage.subjects])

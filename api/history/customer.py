"""Whose history is asked for: a profile with all it stands for, or whoever stands for it now."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, errors

from aggregates.log.reading import connected
from aggregates.profile.profile import Profile
from api.errors import no_such_profile, try_again
from api.ports import Folded, Ports

NOT_MADE_YET = (errors.UndefinedTable, errors.InvalidSchemaName)


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
        raise no_such_profile()
    return Customer(found, [found.profile_id, *found.profile.lineage.subjects])


@asynccontextmanager
async def reading(ports: Ports) -> "AsyncIterator[AsyncConnection[Any]]":
    """What is in read models. Raises Problem (503) while they are being made."""
    async with connected(ports.pool) as connection:
        try:
            yield connection
        except NOT_MADE_YET as error:
            raise try_again("catching_up", "read models are being made", 5) from error

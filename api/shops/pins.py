"""Pins: the properties that one user of a shop wants to see first, and in which order."""

from datetime import datetime
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct
from msgspec.json import Decoder
from psycopg_pool import AsyncConnectionPool

from aggregates.log.reading import connected
from aggregates.profile.decisions.properties import MAX_NAME
from api import wire
from api.errors import Fault, Problem, invalid
from api.shops.directory import KeyHolder

MOST = 50  # pins of one user
MOST_USERS = 1_000  # of one namespace
NO_NUL = r"^[^\x00]*$"
READ = "SELECT names, changed_at FROM pins WHERE namespace_id = %s AND holder = %s"
PUT = """
    INSERT INTO pins (namespace_id, holder, names, changed_at)
    SELECT %(namespace)s, %(user)s, %(names)s, %(now)s
    WHERE EXISTS (SELECT FROM pins WHERE namespace_id = %(namespace)s AND holder = %(user)s)
       OR (SELECT count(*) FROM pins WHERE namespace_id = %(namespace)s) < %(most)s
    ON CONFLICT (namespace_id, holder)
    DO UPDATE SET names = excluded.names, changed_at = excluded.changed_at
    RETURNING changed_at
"""
CONTACT = len("contact.")  # before the names of contact details
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME + CONTACT, pattern=NO_NUL)]


class PinsAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of properties in their order, each once. None takes all pins away."""

    pins: Annotated[list[Name], Meta(max_length=MOST)]


class Pins(Struct, frozen=True):
    """`user` is `key:…` where no user was named. `changed_at` is null where nothing was pinned."""

    user: str
    pins: list[str]
    changed_at: datetime | None


class User(NamedTuple):
    namespace: int
    name: str


def user_of(holder: KeyHolder, user: str | None) -> User:
    """A user's name has no colon, so nobody can pass for a key."""
    return User(holder.namespace, user or f"key:{holder.prefix}")


def pins_asked(body: bytes) -> list[str]:
    """Raises Problem."""
    names = wire.whole(_ASKED, body).pins
    for place, name in enumerate(names):
        if name in names[:place]:
            raise invalid(Fault(f"pins[{place}]", "is pinned twice"))
    return names


class PinBoard:
    """Every method may raise LogUnreachable and Problem."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def of(self, user: User) -> Pins:
        async with connected(self._pool) as connection:
            cursor = await connection.execute(READ, user)
            names, at = await cursor.fetchone() or ([], None)
        return Pins(user.name, names, at)

    async def put(self, user: User, names: list[str], now: datetime) -> Pins:
        values = {"namespace": user.namespace, "user": user.name, "names": names, "now": now}
        async with connected(self._pool) as connection:
            cursor = await connection.execute(PUT, {**values, "most": MOST_USERS})
            if await cursor.fetchone() is None:
                raise Problem(409, "too_many_users", f"pins are kept for {MOST_USERS:,} users")
        return Pins(user.name, names, now)


_ASKED = Decoder(PinsAsked)

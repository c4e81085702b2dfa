"""API keys: made once, shown once, kept as a hash."""

import re
import secrets
from collections.abc import Collection
from hashlib import sha256
from typing import Literal, get_args

from psycopg import AsyncConnection

Environment = Literal["live", "sandbox"]
Scope = Literal["read", "write", "admin"]
ALL_SCOPES: tuple[Scope, ...] = get_args(Scope)
KEY_BYTES = 32  # 43 characters
SHOWN = 12  # characters of the random part by which people tell keys apart
PIXEL_KEY_BYTES = 18  # 24 characters; public, but not to be guessed
_PIXEL_KEY = re.compile(r"^c360_pixel_[A-Za-z0-9_-]{24}$")
_KEY = re.compile(r"^c360_(live|sandbox)_[A-Za-z0-9_-]{43}$")


class BadScope(ValueError):
    """There is no such scope."""


async def create_key(
    connection: AsyncConnection, namespace: int, world: Environment, scopes: Collection[Scope]
) -> str:
    """A new key, in the only moment it can be read."""
    key = f"c360_{world}_{secrets.token_urlsafe(KEY_BYTES)}"
    await connection.execute(
        "INSERT INTO api_keys (key_hash, namespace_id, prefix, scopes) VALUES (%s, %s, %s, %s)",
        (key_hash(key), namespace, prefix_of(key), sorted(set(scopes))),
    )
    return key


async def revoke_key(connection: AsyncConnection, prefix: str) -> int:
    """How many keys begin so and were valid until now; API processes notice within seconds."""
    done = await connection.execute(
        "UPDATE api_keys SET revoked_at = now() WHERE prefix = %s AND revoked_at IS NULL",
        (prefix,),
    )
    return done.rowcount


def checked_scopes(given: Collection[str]) -> tuple[Scope, ...]:
    """Raises BadScope for a scope there is not."""
    if unknown := set(given) - set(ALL_SCOPES):
        raise BadScope(f"{', '.join(sorted(unknown))}: scopes are {', '.join(ALL_SCOPES)}")
    return tuple(scope for scope in ALL_SCOPES if scope in given)


def new_pixel_key() -> str:
    """It only says where storefront events go, so it is kept and shown as it is."""
    return f"c360_pixel_{secrets.token_urlsafe(PIXEL_KEY_BYTES)}"


def looks_like_a_pixel_key(text: str) -> bool:
    return _PIXEL_KEY.fullmatch(text) is not None


def looks_like_a_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def key_hash(key: str) -> bytes:
    # 256 random bits cannot be guessed, so the hash needs no salt and need not be slow
    return sha256(key.encode()).digest()


def prefix_of(key: str) -> str:
    """Also of a prefix, which is its own."""
    lead = "_".join(key.split("_", 2)[:2])
    return key[: len(lead) + 1 + SHOWN]

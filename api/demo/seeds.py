"""Everything made up follows from a key, so the same shop is made up every time."""

from hashlib import blake2b
from random import Random
from uuid import UUID

LARGEST_EXACT_FLOAT = 2**53
SHOPIFY_IDS = 2**62  # how many there are to choose from; they still fit a signed 64-bit column


def shopify_id(*key: object) -> int:
    """An id no float holds exactly, as live ones may be: odd and over 2^53."""
    return (LARGEST_EXACT_FLOAT + int.from_bytes(_digest(key)[:8]) % SHOPIFY_IDS) | 1


def token(*key: object) -> str:
    return _digest(key).hex()


def uuid(*key: object) -> str:
    return str(UUID(bytes=_digest(key), version=4))


def chance(*key: object) -> Random:
    return Random(token(*key))  # noqa: S311  repeatable on purpose, and no secret


def words(text: str, between: str = " ") -> tuple[str, ...]:
    """A list to choose from that stays readable in the source."""
    return tuple(text.split(between))


def _digest(key: tuple[object, ...]) -> bytes:
    return blake2b("\x1f".join(map(str, key)).encode(), digest_size=16).digest()

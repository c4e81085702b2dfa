"""A delivery on its way in, whole: what is tried now, and again after a fix."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import msgspec
from msgspec import Struct

from aggregates.log.keys import Keyring, NamespaceKey

Headers = tuple[tuple[bytes, bytes], ...]
NEEDED = b"shopify-"  # the only headers that say something about a body
_SEALED = msgspec.msgpack.Decoder(tuple[dict[str, str], list[tuple[bytes, bytes]], bytes])


class Letter(Struct, frozen=True, kw_only=True):
    """`source` says how to read `body`; `key` is the sender's id for it, the same in a repeat.

    `given` is what the surroundings told: who sent it, under which idempotency key.
    """

    namespace: int
    source: str
    topic: str
    received_at: datetime
    body: bytes
    key: str = ""
    headers: Headers = ()
    given: dict[str, str] = {}

    def letter_id(self, keyring: Keyring) -> UUID:
        """Equal for repeats of one delivery, and nobody else can compute it."""
        key = self.key or blake2b(self.body, digest_size=16).hexdigest()
        text = f"{self.source}\0{self.topic}\0{key}"
        return UUID(bytes=keyring.namespace(self.namespace).digest("dead_letter", text))

    def sealed(self, keyring: Keyring) -> bytes:
        content = (self.given, needed(self.headers), self.body)
        about = self.letter_id(keyring).bytes
        return keyring.namespace(self.namespace).seal(msgspec.msgpack.encode(content), about)


def needed(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name, value) for name, value in headers if NEEDED in name)


def opened(
    key: NamespaceKey, letter_id: UUID, sealed: bytes
) -> tuple[dict[str, str], Headers, bytes]:
    """Raises Unreadable. What the surroundings told, the headers, the body."""
    given, headers, body = _SEALED.decode(key.open(sealed, letter_id.bytes))
    return given, tuple(headers), body

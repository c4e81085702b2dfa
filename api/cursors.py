"""Where a list goes on: sealed for one namespace and one list, so that nobody can make one up.

What stands in a cursor may be a shopper's name, so it is not only signed but cannot be read.
"""

import base64
import binascii
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

import msgspec

from aggregates.log.keys import Keyring, Unreadable
from api.errors import Fault, Problem, invalid, no_such

T = TypeVar("T")
Item = TypeVar("Item")
MOST = 4_000  # characters; ours have a few hundred
NAMESPACE_BYTES = 4
MARK_BYTES = 8


class Pages(NamedTuple, Generic[T]):
    """Of one list in one namespace; a page ends at a place of this `kind`."""

    cursors: "Cursors"
    namespace: int
    about: str
    kind: type[T]

    def after(self, cursor: str | None) -> T | None:
        """Where the page before ended; None is the beginning. Raises Problem, as `read` does."""
        if cursor is None:
            return None
        return self.cursors.read(self.namespace, self.about, cursor, self.kind)

    def cursor(self, end: T | None) -> str | None:
        """For the page after `end`; None where there is none."""
        return None if end is None else self.cursors.written(self.namespace, self.about, end)


def cut(found: list[Item], limit: int) -> tuple[list[Item], Item | None]:
    """A page of what was found with one more than `limit`, and its last where others follow it."""
    return found[:limit], found[limit - 1] if len(found) > limit else None


class Cursors:
    """`about` names a list with all that narrows or sorts it; `place` is where a page ended."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def of(self, namespace: int, about: str, kind: type[T]) -> Pages[T]:
        return Pages(self, namespace, about, kind)

    def written(self, namespace: int, about: str, place: object) -> str:
        number = namespace.to_bytes(NAMESPACE_BYTES)
        sealed = self._keyring.namespace(namespace).seal(
            msgspec.msgpack.encode(place), about.encode()
        )
        body = number + sealed
        return base64.urlsafe_b64encode(self._mark(body) + body).rstrip(b"=").decode()

    def read(self, namespace: int, about: str, cursor: str, kind: type[T]) -> T:
        """Raises Problem: 404 for a cursor of another namespace, 422 for any other than one that
        was written for this list."""
        raw = _bytes(cursor)
        mark, body = raw[:MARK_BYTES], raw[MARK_BYTES:]
        if mark != self._mark(body):
            raise _not_ours()
        if int.from_bytes(body[:NAMESPACE_BYTES]) != namespace:
            raise no_such("cursor")
        try:
            plain = self._keyring.namespace(namespace).open(body[NAMESPACE_BYTES:], about.encode())
            return msgspec.msgpack.decode(plain, type=kind)
        except (Unreadable, msgspec.ValidationError) as error:
            raise _not_ours() from error

    def _mark(self, body: bytes) -> bytes:
        """Tells what we have written from what was made up, whatever namespace it claims."""
        key = self._keyring.vault.key
        return blake2b(body, key=key, digest_size=MARK_BYTES, person=b"c360 cursor").digest()


def _bytes(cursor: str) -> bytes:
    if len(cursor) > MOST:
        raise _not_ours()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise _not_ours() from error


def _not_ours() -> Problem:
    return invalid(Fault("cursor", "expected the next_cursor of the page before of this same list"))

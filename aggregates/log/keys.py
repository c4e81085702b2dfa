"""Keys: one master key in a file, one key a namespace derived from it, one key a subject.

A subject's personal fields can be read only with the subject's own key, which is stored wrapped
(encrypted) by its namespace's key. Destroying the wrapped key erases them everywhere at once.
"""

import os
from hashlib import blake2b
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config.secret_file import keep_secret

KEY_BYTES = 32
NONCE_BYTES = 12
DIGEST_BYTES = 16


class BadMasterKey(Exception):
    """The master key file is missing, too open or not a key."""


class Unreadable(Exception):
    """Sealed bytes that this key does not open."""


class Sealer:
    """AES-256-GCM under one key. Sealed form: nonce (12 bytes) then ciphertext with tag."""

    __slots__ = ("_aead", "key")

    def __init__(self, key: bytes) -> None:
        self.key = key
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """`about` is authenticated, not stored: the same bytes are needed to open."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Raises Unreadable for another key, another `about` or changed bytes."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except (InvalidTag, ValueError) as error:
            raise Unreadable(f"{len(sealed)} sealed bytes do not open with this key") from error


class NamespaceKey(Sealer):
    """Wraps its subjects' keys and turns identifiers into digests nobody else can compute."""

    __slots__ = ("_pepper", "namespace")

    def __init__(self, namespace: int, key: bytes) -> None:
        super().__init__(key)
        self.namespace = namespace
        self._pepper = blake2b(b"identifiers", key=key, digest_size=32).digest()

    def digest(self, kind: str, value: str) -> bytes:
        """Where an identifier is looked up: a keyed hash, so the table holds no personal data."""
        text = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._pepper, digest_size=DIGEST_BYTES).digest()

    def wrap(self, subject: UUID, key: bytes) -> bytes:
        return self.seal(key, subject.bytes)

    def unwrap(self, subject: UUID, wrapped: bytes) -> bytes:
        return self.open(wrapped, subject.bytes)


class Keyring:
    """Namespace keys by number, derived from the master key with HKDF-SHA256 (RFC 5869)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise BadMasterKey(f"a master key has {KEY_BYTES} bytes, this one {len(master)}")
        self._master = master
        self._namespaces: dict[int, NamespaceKey] = {}
        self.vault = Sealer(self._derive(b"vault"))

    def namespace(self, number: int) -> NamespaceKey:
        if (held := self._namespaces.get(number)) is None:
            held = NamespaceKey(number, self._derive(b"namespace:%d" % number))
            self._namespaces[number] = held
        return held

    def sealer(self, namespace: int, subject: UUID, wrapped: bytes) -> Sealer | None:
        """Of a subject's wrapped key; None where that was destroyed. Raises Unreadable."""
        if not wrapped:
            return None
        return Sealer(self.namespace(namespace).unwrap(subject, wrapped))

    def _derive(self, purpose: bytes) -> bytes:
        hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"customer360 " + purpose)
        return hkdf.derive(self._master)


def new_subject_key() -> bytes:
    return os.urandom(KEY_BYTES)


def read_keyring(file: Path, create: bool = False) -> Keyring:
    """The keyring of a master key file; `create` makes a new one where there is none.

    Raises BadMasterKey where the file is missing, readable by others or malformed.
    """
    if create:
        keep_secret(file, os.urandom(KEY_BYTES).hex() + "\n")
    try:
        others = file.stat().st_mode & 0o077
        text = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadMasterKey(f"{file}: cannot read the master key ({error})") from error
    if others:
        raise BadMasterKey(f"{file}: others may read it; run chmod 600 {file}")
    try:
        return Keyring(bytes.fromhex(text))
    except ValueError as error:
        raise BadMasterKey(f"{file}: expected {KEY_BYTES * 2} hex digits") from error

"""Who sent a delivery: only the shop and we know the secret that signs its raw bytes."""

import hmac
from base64 import b64encode
from collections.abc import Sequence


def signed_by(body: bytes, signature: str, secrets: Sequence[str]) -> int | None:
    """The index of the secret that signed `body`, or None.

    `signature` is the header as it came: base64 of HMAC-SHA256. Several secrets are accepted
    because a rotated one stays in use for up to an hour.
    """
    given = signature.encode("ascii", "replace")  # "?" is not base64, so garbage cannot match
    for index, secret in enumerate(secrets):
        if secret and hmac.compare_digest(given, _signature(body, secret)):  # "" signs for anyone
            return index
    return None


def _signature(body: bytes, secret: str) -> bytes:
    return b64encode(hmac.digest(secret.encode(), body, "sha256"))

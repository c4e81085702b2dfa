"""Words as a list writes them, in the one form in which they are compared."""

import re
import unicodedata


def key_of(name: str) -> str:
    """`State / Region`, `state_region` and `STATE-REGION` are the same."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")

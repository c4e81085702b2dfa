"""Domains that lend anybody an address for minutes, as the public list names them."""

from functools import cache, lru_cache

REMEMBERED = 4_096  # domains; most shoppers are at one of ten


@lru_cache(REMEMBERED)
def is_disposable(domain: str) -> bool:
    """So is every domain below one that is: who lends the one lends the others."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in _listed() for start in range(len(labels) - 1))


@cache
def _listed() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)

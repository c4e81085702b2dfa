"""Where mail arrives: one mailbox has many addresses."""

from functools import lru_cache

from aggregates.matching.spelling import REMEMBERED

GMAIL = frozenset({"gmail.com", "googlemail.com"})


@lru_cache(REMEMBERED)
def mailbox(email: str) -> str:
    """Where mail to `email` arrives: Gmail ignores dots and what follows a plus."""
    user, _, domain = email.lower().rpartition("@")
    if domain not in GMAIL:
        return f"{user}@{domain}"
    return user.partition("+")[0].replace(".", "") + "@gmail.com"


@lru_cache(REMEMBERED)
def mailboxes(emails: frozenset[str]) -> frozenset[str]:
    return frozenset(mailbox(email) for email in emails)

"""What two profiles are both known by: an address, a number, an account, a browser."""

from collections.abc import Iterator
from functools import lru_cache

from aggregates.matching.finding import Evidence
from aggregates.matching.person import Person
from aggregates.matching.spelling import REMEMBERED

GMAIL = frozenset({"gmail.com", "googlemail.com"})


def identifiers(a: Person, b: Person) -> Iterator[Evidence]:
    if a.phones & b.phones:
        yield Evidence("shared_phone")
    if a.emails & b.emails:
        two = a.shopify_ids and b.shopify_ids and not a.shopify_ids & b.shopify_ids
        yield Evidence("same_email_two_accounts" if two else "shared_email")
    elif _mailboxes(a.emails) & _mailboxes(b.emails):
        yield Evidence("gmail_equal")
    if a.shopify_ids & b.shopify_ids or a.external_ids & b.external_ids:
        yield Evidence("shared_account")
    if a.cookies & b.cookies:
        yield Evidence("shared_cookie")


@lru_cache(REMEMBERED)
def mailbox(email: str) -> str:
    """Where mail to `email` arrives: Gmail ignores dots and what follows a plus."""
    user, _, domain = email.lower().rpartition("@")
    if domain not in GMAIL:
        return f"{user}@{domain}"
    return user.partition("+")[0].replace(".", "") + "@gmail.com"


@lru_cache(REMEMBERED)
def _mailboxes(emails: frozenset[str]) -> frozenset[str]:
    return frozenset(mailbox(email) for email in emails)

"""What two profiles are both known by: an address, a number, an account, a browser."""

from collections.abc import Iterator

from aggregates.matching.finding import Evidence
from aggregates.matching.mailboxes import mailboxes
from aggregates.matching.person import Person


def identifiers(a: Person, b: Person) -> Iterator[Evidence]:
    if a.known_by.isdisjoint(b.known_by):
        return  # as most are who are compared
    if a.phones & b.phones:
        yield Evidence("shared_phone")
    if a.emails & b.emails:
        two = a.shopify_ids and b.shopify_ids and not a.shopify_ids & b.shopify_ids
        yield Evidence("same_email_two_accounts" if two else "shared_email")
    elif mailboxes(a.emails) & mailboxes(b.emails):
        yield Evidence("gmail_equal")
    if a.shopify_ids & b.shopify_ids or a.external_ids & b.external_ids:
        yield Evidence("shared_account")
    if a.cookies & b.cookies:
        yield Evidence("shared_cookie")

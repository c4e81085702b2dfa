"""How a shop wants its shoppers recognised: how much counts, and what nobody is known by."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

MAX_BLOCKED = 10_000  # values a shop blocks besides those that are blocked everywhere
MAX_ROLE_NAMES = 1_000

Count: TypeAlias = Annotated[int, Meta(ge=1, le=1_000)]
Owners: TypeAlias = Annotated[int, Meta(ge=2, le=1_000)]  # a value of one owner is not shared
# `*@domain` means every address there
Blocked: TypeAlias = Annotated[
    str, Meta(pattern=r"^(\*@[^@*\s]+|[^*]+)(?!\n)$", min_length=1, max_length=320)
]
LocalPart: TypeAlias = Annotated[
    str, Meta(pattern=r"^[^@+\sA-Z]+(?!\n)$", min_length=1, max_length=64)
]
Country: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z]{2}(?!\n)$")]

# what people call a mailbox that several of them read: RFC 2142, and what shops' customers use
_OFFICES = """
    abuse account accounting accounts admin administrator all billing bestellung bestellungen
    bookings buchhaltung buero career careers compliance contact contacto customerservice
    einkauf email enquiries enquiry events feedback finance ftp hallo hello help helpdesk
    hostmaster hr info inquiries inquiry invoice invoices it jobs kontakt kundenservice legal
    mail mailbox marketing news newsletter noc office order orders post postmaster presse press
    privacy purchase purchasing rechnung rechnungen reception recruiting reservations root sales
    secretary security sekretariat service shop staff store studio subscribe support team tech
    unsubscribe usenet verkauf vertrieb web webmaster welcome www zentrale
"""
ROLE_NAMES = frozenset(_OFFICES.split())


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Live values of each kind one profile may hold; of `external_id` in each namespace.

    `cookies_per_week` are the new ones in any seven days.
    """

    shopify_customer_id: Count = 1
    external_id: Count = 5
    email: Count = 5
    phone: Count = 5
    cookie: Count = 50
    cookies_per_week: Count = 5


class Alarms(Struct, frozen=True, forbid_unknown_fields=True):
    """How many distinct strong owners make a value of that kind a shared one."""

    external_id: Owners = 2
    email: Owners = 2
    phone: Owners = 3
    cookie: Owners = 3


class IdentityRules(Struct, frozen=True, forbid_unknown_fields=True):
    """One shop's rules. Decoding checks them, and names the member that is not as it must be.

    `blocked`: values that identify nobody, in their normal form, or `*@domain` for all addresses
    of a domain; a shop's own and its staff's addresses and phones belong here.
    `role_names`: local parts of addresses that belong to an office and merge nobody.
    `gmail_equal`: dots and +tags do not tell addresses at Gmail apart; that makes candidates for
    a merge, never a merge.
    `country`: ISO 3166 alpha-2, where a phone number without country code is dialled.
    """

    limits: Limits = Limits()
    alarms: Alarms = Alarms()
    blocked: Annotated[frozenset[Blocked], Meta(max_length=MAX_BLOCKED)] = frozenset()
    role_names: Annotated[frozenset[LocalPart], Meta(max_length=MAX_ROLE_NAMES)] = ROLE_NAMES
    gmail_equal: bool = False
    country: Country | None = None

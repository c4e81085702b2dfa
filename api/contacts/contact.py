"""One contact of a list, as it travels from the file to the server: ids, and what is told of it."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from aggregates.profile.decisions.contact import SetContact, SetTimeZone
from aggregates.profile.decisions.properties import SetProperties
from aggregates.profile.events.consent import Level, Suppression

MAX_IDS = 5
MAX_CONSENTS = 50
SOURCE = "^[a-z0-9][a-z0-9_.-]{0,49}$"  # what a list may be called
Id = Annotated[str, Meta(min_length=1, max_length=200)]


ListedChannel = Literal["email", "sms", "whatsapp"]


class ListedConsent(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How it stands with the contact's e-mail address or phone number, and since when if told."""

    channel: ListedChannel
    says: Literal["subscribed", "pending", "unsubscribed", "suppressed"]
    level: Level = "unknown"
    reason: Suppression = "manual"
    at: datetime | None = None


class Contact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """`ids` are those of the list, `at` is when all this was known, if the list says so."""

    at: datetime | None = None
    ids: Annotated[tuple[Id, ...], Meta(max_length=MAX_IDS)] = ()
    details: SetContact = SetContact()
    time_zone: SetTimeZone | None = None
    properties: SetProperties | None = None
    consents: Annotated[tuple[ListedConsent, ...], Meta(max_length=MAX_CONSENTS)] = ()

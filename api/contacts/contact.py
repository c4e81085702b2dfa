"""One contact of a list, as it travels from the file to the server: ids, and what is told of it."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from aggregates.profile.decisions.contact import SetContact, SetTimeZone
from aggregates.profile.decisions.properties import SetProperties

MAX_IDS = 5
SOURCE = "^[a-z0-9][a-z0-9_.-]{0,49}$"  # what a list may be called
Id = Annotated[str, Meta(min_length=1, max_length=200)]


class Contact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """`ids` are those of the list, `at` is when all this was known, if the list says so."""

    at: datetime | None = None
    ids: Annotated[tuple[Id, ...], Meta(max_length=MAX_IDS)] = ()
    details: SetContact = SetContact()
    time_zone: SetTimeZone | None = None
    properties: SetProperties | None = None

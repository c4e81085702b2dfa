"""What the columns of a list of contacts mean, by their names; the others become properties."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from api.contacts.contact import MAX_IDS
from api.contacts.records import Refused
from api.contacts.words import key_of

MAX_COLUMNS = 1_000
MAX_NAME = 90  # characters; of equal names all but the first get a number, and have room for it
# as newsletter tools, shops, and people write them; words are joined by _ whatever stood between
NAMES: dict[str, str] = {
    "email": "email e_mail mail email_address e_mail_address",
    "phone": "phone phone_number telephone telephone_number mobile mobile_phone cell telefon",
    "id": "external_id klaviyo_id id customer_id contact_id profile_id person_id record_id rec_id",
    "first_name": "first_name firstname given_name forename vorname",
    "last_name": "last_name lastname surname family_name nachname",
    "company": "company company_name organization organisation firma",
    "birthday": "birthday birth_date birthdate date_of_birth dob geburtstag geburtsdatum",
    "time_zone": "time_zone timezone",
    "number_before": "street_number",
    "line1": "address address1 address_1 address_line1 address_line_1 street strasse",
    "number_after": "house_number hausnummer",
    "line2": "address2 address_2 address_line2 address_line_2",
    "city": "city town suburb locality ort stadt",
    "region": "region state province state_region state_province bundesland",
    "postcode": "postcode postal_code zip zip_code zipcode plz postleitzahl",
    "country": "country country_code land",
    # when all the rest was known, the best first
    "at": "updated updated_at last_updated date_added profile_created_on created created_at",
}
PARTS = {name: part for part, names in NAMES.items() for name in names.split()}
RANK = {name: rank for rank, name in enumerate(PARTS)}
CONSENT = re.compile(
    r"(^|_)(consent(s|ed)?|opt_?(in|out)|subscribed?|unsubscribed?"
    r"|suppress(ed|ions?)?|(accepts|email|sms|whatsapp)_marketing)(_|$)"
)
RECOGNISED = "email, phone or external_id, or a name with birthday, address or postcode"


class Column(NamedTuple):
    position: int
    name: str


class Columns(NamedTuple):
    """`parts` has one column for each part, `ids` those of the ids; there are `width` in all."""

    width: int
    parts: Mapping[str, Column]
    ids: tuple[Column, ...]
    properties: tuple[Column, ...]
    consents: tuple[Column, ...]

    def at(self, position: int) -> str:
        """The name of the column there."""
        named = (*self.parts.values(), *self.ids, *self.properties, *self.consents)
        return next(column.name for column in named if column.position == position)


def columns_of(header: Sequence[str]) -> Columns:
    """Raises Refused where no column tells whom a line is about."""
    columns = _named(header)
    keys = {column: key_of(header[column.position]) for column in columns}
    consents = tuple(column for column in columns if CONSENT.search(keys[column]))
    parts, ids = _parts({c: key for c, key in keys.items() if c not in consents and key in PARTS})
    taken = {*consents, *parts.values(), *ids}
    rest = tuple(column for column in columns if column not in taken)
    found = Columns(len(header), parts, ids, rest, consents)
    if not _recognises(found):
        raise Refused(f"no column tells whom a line is about; expected {RECOGNISED}")
    return found


def _named(header: Sequence[str]) -> list[Column]:
    if len(header) > MAX_COLUMNS:
        raise Refused(f"the first line has more than {MAX_COLUMNS:,} columns")
    names: dict[str, Column] = {}
    for position, raw in enumerate(header):
        name = " ".join(raw.split()) or f"column {position + 1}"
        if "@" in name:
            raise Refused("the first line holds an e-mail address; it must name the columns")
        if "\x00" in name:
            raise Refused("the first line holds NUL characters; save the file as UTF-8")
        if len(name) > MAX_NAME:
            raise Refused(f"column {position + 1} has no name of at most {MAX_NAME} characters")
        name = _unused(name, names)
        names[name] = Column(position, name)
    return list(names.values())


def _unused(name: str, used: Mapping[str, Column]) -> str:
    often = 1
    unused = name
    while unused in used:
        often += 1
        unused = f"{name} ({often})"
    return unused


def _parts(keys: Mapping[Column, str]) -> tuple[dict[str, Column], tuple[Column, ...]]:
    """The best named column of each part; of equal names the first."""
    best: dict[str, Column] = {}
    ids: list[Column] = []
    for column in sorted(keys, key=lambda column: (RANK[keys[column]], column.position)):
        part = PARTS[keys[column]]
        if part == "id" and keys[column] not in {keys[held] for held in ids}:
            ids.append(column)
        elif part != "id":
            best.setdefault(part, column)
    return best, tuple(ids[:MAX_IDS])


def _recognises(columns: Columns) -> bool:
    parts = columns.parts.keys()
    if columns.ids or _any(parts, ("email", "phone")):
        return True
    return _any(parts, ("first_name", "last_name")) and _any(
        parts, ("birthday", "line1", "postcode")
    )


def _any(parts: Iterable[str], wanted: Iterable[str]) -> bool:
    return not set(parts).isdisjoint(wanted)

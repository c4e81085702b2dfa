"""From one record to one contact, or the reason why it is none."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import available_timezones

from msgspec.structs import replace

from aggregates.profile.decisions.contact import SetContact, SetTimeZone
from aggregates.profile.decisions.properties import SetProperties
from aggregates.profile.events.contact import Address
from aggregates.profile.events.properties import MAX_PROPERTIES, MAX_TEXT, Value
from api.contacts.cells import EMPTY, KINDS, day, instant
from api.contacts.columns import Column, Columns
from api.contacts.consents import Meaning, NotUnderstood, consents_of, meaning
from api.contacts.contact import MAX_CONSENTS, Contact, ListedConsent
from api.contacts.records import Record, Rejection
from api.contacts.words import key_of

MAX_DETAIL = 500
MAX_ID = 200
DATED = "expected a moment such as 2026-11-21 10:00:00, or a day that can be read in one way only"
ZONES = available_timezones()
NOWHERE = Address()


class Rows:
    """The records of one list; `kinds` are those of its properties by their position."""

    def __init__(self, columns: Columns, kinds: Mapping[int, str]) -> None:
        self._columns = columns
        self._kinds = kinds
        self._meant = {c: m for c in columns.consents if (m := meaning(key_of(c.name)))}

    def contact(self, record: Record) -> Contact | Rejection:
        try:
            return self._contact(record.cells)
        except _BadCell as bad:
            return Rejection(record.line, str(bad))

    def _contact(self, cells: list[str]) -> Contact:
        self._check(cells)
        said = _Said(cells, self._columns)
        birthday, time_zone = said.day("birthday"), said.zone("time_zone")
        consents = tuple(self._consents(said))[:MAX_CONSENTS]
        properties = dict(self._properties(said)) | said.not_understood
        if len(properties) > MAX_PROPERTIES:
            raise _BadCell(f"more than {MAX_PROPERTIES} columns that are properties are filled")
        details = SetContact(
            email=said.text("email"),
            phone=said.phone("phone"),
            first_name=said.text("first_name"),
            last_name=said.text("last_name"),
            company=said.text("company"),
            birthday=birthday,
            letter=_address(said),
        )
        return Contact(
            at=said.instant("at"),
            ids=tuple(text for column in self._columns.ids if (text := said.cell(column, MAX_ID))),
            details=details,
            time_zone=SetTimeZone(time_zone) if time_zone else None,
            properties=SetProperties(properties) if properties else None,
            consents=consents,
        )

    def _consents(self, said: "_Said") -> Iterator[ListedConsent]:
        """Those without a moment of their own have that of their channel's column of moments."""
        moments = {
            meant.channel: said.instant_in(column)
            for column, meant in self._meant.items()
            if meant.kind == "moment"
        }
        for column, meant in self._meant.items():
            for one in said.consents_in(column, meant):
                dated = one.says != "suppressed" and one.at is None
                yield replace(one, at=moments.get(one.channel)) if dated else one

    def _check(self, cells: list[str]) -> None:
        width = self._columns.width
        if any(map(str.strip, cells[width:])):
            raise _BadCell(f"has more cells than the {width} columns that the first line names")
        for position, cell in enumerate(cells):
            if "\x00" in cell:
                raise _BadCell(f"{self._columns.at(position)}: holds a NUL character")

    def _properties(self, said: "_Said") -> Iterator[tuple[str, Value]]:
        for column in self._columns.properties:
            if text := said.cell(column, MAX_TEXT):
                kind = self._kinds.get(column.position)
                value = KINDS[kind](text) if kind else text
                yield column.name, text if value is None else value


class _BadCell(Exception):
    """Why a record is no contact, without a value of it."""


class _Said:
    """What a record says of each part; what cannot be understood is kept as a property."""

    def __init__(self, cells: list[str], columns: Columns) -> None:
        self._cells = cells
        self._parts = columns.parts
        self.not_understood: dict[str, Value] = {}

    def cell(self, column: Column | None, limit: int) -> str | None:
        if column is None or column.position >= len(self._cells):
            return None
        text = self._cells[column.position].strip()
        if len(text) > limit:
            raise _BadCell(f"{column.name}: has more than {limit:,} characters")
        return None if text in EMPTY else text

    def text(self, part: str) -> str | None:
        found = self.cell(self._parts.get(part), MAX_DETAIL)
        return " ".join(found.split()) if found else None

    def phone(self, part: str) -> str | None:
        """Without the apostrophe that keeps spreadsheets from reckoning."""
        found = self.text(part)
        return found.removeprefix("'") if found else None

    def instant(self, part: str) -> datetime | None:
        column = self._parts.get(part)
        return self.instant_in(column) if column else None

    def instant_in(self, column: Column) -> datetime | None:
        if (found := self.cell(column, MAX_DETAIL)) is None:
            return None
        if (at := instant(found)) is None:
            raise _BadCell(f"{column.name}: {DATED}")
        return at

    def consents_in(self, column: Column, meant: Meaning) -> list[ListedConsent]:
        found = self.cell(column, MAX_TEXT)
        try:
            return list(consents_of(meant, found)) if found else []
        except NotUnderstood:
            self.not_understood[column.name] = found or ""
            return []

    def day(self, part: str) -> str | None:
        found = self.text(part)
        born = day(found) if found else None
        if born is None:
            self._keep(part, found)
        return born.isoformat() if born else None

    def zone(self, part: str) -> str | None:
        found = self.text(part)
        if found not in ZONES:
            self._keep(part, found)
        return found if found in ZONES else None

    def _keep(self, part: str, found: str | None) -> None:
        if found:
            self.not_understood[self._parts[part].name] = found


def _address(said: _Said) -> Address | None:
    line1 = (said.text(part) for part in ("number_before", "line1", "number_after"))
    found = Address(
        line1=" ".join(filter(None, line1)) or None,
        line2=said.text("line2"),
        city=said.text("city"),
        region=said.text("region"),
        postcode=said.text("postcode"),
        country=said.text("country"),
    )
    return found if found != NOWHERE else None

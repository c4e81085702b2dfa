"""A list of contacts that was looked through once, and is read again to be sent."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from api.contacts.columns import Columns, columns_of
from api.contacts.contact import Contact
from api.contacts.records import Record, Refused, Rejection, Written, opened, records, written
from api.contacts.rows import Rows
from api.contacts.survey import survey


class Numbered(NamedTuple):
    """A contact and the line it begins in."""

    line: int
    contact: Contact


class Listed(NamedTuple):
    """`kinds` as in Survey."""

    file: Path
    written: Written
    columns: Columns
    lines: int
    kinds: Mapping[int, str]

    def contacts(self) -> Iterator[Numbered | Rejection]:
        rows = Rows(self.columns, self.kinds)
        with opened(self.file, self.written.encoding) as source:
            found = records(source, self.written.delimiter)
            next(found)  # the columns' names
            for record in found:
                told = rows.contact(record) if isinstance(record, Record) else record
                yield Numbered(record.line, told) if isinstance(told, Contact) else told


def listed(file: Path) -> Listed:
    """Raises Refused."""
    try:
        how = written(file)
        with opened(file, how.encoding) as source:
            found = records(source, how.delimiter)
            columns = columns_of(_header(next(found, None)))
            seen = survey(columns, found)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{file.name} cannot be read: {error}") from error
    return Listed(file, how, columns, seen.lines, seen.kinds)


def _header(first: Record | Rejection | None) -> list[str]:
    if isinstance(first, Record):
        return first.cells
    why = first.reason if first else "there are none"
    raise Refused(f"the names of the columns cannot be read: {why}")

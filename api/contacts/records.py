"""A file of comma-separated records: how it is encoded, what parts it, each record with its line.

A record that cannot be read costs itself only: reading goes on with the line after its first.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from api.demo.orders_import import ImportStopped

MAX_LINE = 1_000_000  # characters; `csv` itself allows 131,072 for one cell
BLOCK = 1_000_000  # bytes
DELIMITERS = ",;\t|"
TOO_LONG = f"is too long: a line has at most {MAX_LINE:,} characters, a cell far fewer"
MISQUOTED = "its quotes do not match"
_QUOTED = re.compile(r'"[^"]*"')


class Refused(ImportStopped):
    """The file cannot be imported at all; nothing was sent."""


class Rejection(NamedTuple):
    """`reason` names the column, never what stands in it."""

    line: int
    reason: str


class Record(NamedTuple):
    """`line` is where it begins, counted as editors do."""

    line: int
    cells: list[str]


class Written(NamedTuple):
    """How a file is written."""

    encoding: str
    delimiter: str


def written(file: Path) -> Written:
    """Raises Refused."""
    if not file.is_file():
        raise Refused(f"{file.name} is no regular file; it is read more than once")
    encoding = _encoding(file)
    with opened(file, encoding) as source:
        return Written(encoding, _delimiter(source))


def opened(file: Path, encoding: str) -> TextIO:
    return file.open(encoding=encoding, newline="")


def records(source: TextIO, delimiter: str) -> Iterator[Record | Rejection]:
    """Those that hold something, in order, and those that cannot be read."""
    lines = _Lines(source)
    while not lines.ended:
        reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
        try:
            for cells in reader:
                if any(map(str.strip, cells)):
                    yield Record(lines.first, cells)
                lines.forget()
        except (csv.Error, _LineTooLong) as error:
            too_long = isinstance(error, _LineTooLong) or "larger" in str(error)
            yield Rejection(lines.first, TOO_LONG if too_long else MISQUOTED)
            lines.back_up()


def _encoding(file: Path) -> str:
    with file.open("rb") as source:
        if source.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"  # what a spreadsheet calls Unicode text
    # nearly every byte is a letter of the last two, so they are the last resort
    return next((name for name in ("utf-8-sig", "cp1252") if _reads(file, name)), "latin-1")


def _reads(file: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with file.open("rb") as source:
        try:
            while block := source.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(source: TextIO) -> str:
    """The one that parts the first line into most cells."""
    for line in iter(lambda: source.readline(MAX_LINE), ""):
        if line.strip():
            bare = _QUOTED.sub("", line)
            return max(DELIMITERS, key=bare.count)
    raise Refused("the file is empty")


class _LineTooLong(Exception):
    pass


class _Line(NamedTuple):
    number: int
    text: str | None  # None where it is too long


class _Lines(Iterator[str]):
    """For `csv`, which asks for more lines while a quote is open: those of one record are kept
    until it is whole, so that they can be read again without its first."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._number = 0
        self._taken: list[_Line] = []
        self._again: deque[_Line] = deque()
        self.ended = False

    @property
    def first(self) -> int:
        return self._taken[0].number

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if line is None:
            self.ended = not self._taken
            raise StopIteration
        self._taken.append(line)
        if line.text is None:
            raise _LineTooLong
        return line.text

    def forget(self) -> None:
        self._taken.clear()

    def back_up(self) -> None:
        self._again.extendleft(reversed(self._taken[1:]))
        self._taken.clear()

    def _read(self) -> _Line | None:
        text = part = self._source.readline(MAX_LINE)
        self._number += 1
        while len(part) == MAX_LINE and part[-1] not in "\r\n":
            part = self._source.readline(MAX_LINE)
        if not text:
            return None
        return _Line(self._number, text if part is text else None)

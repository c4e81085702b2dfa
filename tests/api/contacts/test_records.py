"""Files of records: however they are written, and what is wrong with single lines."""

import codecs
from pathlib import Path

import pytest

from api.contacts import records as reading
from api.contacts.records import (
    MISQUOTED,
    TOO_LONG,
    Record,
    Refused,
    Rejection,
    opened,
    records,
    written,
)
from tests.api.contacts.files import csv


def read(file: Path) -> list[Record | Rejection]:
    how = written(file)
    with opened(file, how.encoding) as source:
        return list(records(source, how.delimiter))


def cells(file: Path) -> list[list[str]]:
    return [record.cells for record in read(file) if isinstance(record, Record)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_first_line(tmp_path: Path, delimiter: str) -> None:
    lines = [f'email{delimiter}"a,b;c"{delimiter}city', delimiter.join(("a@x.io", "1", "Bath"))]
    assert cells(csv(tmp_path, *lines)) == [["email", "a,b;c", "city"], ["a@x.io", "1", "Bath"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_do_on_any_machine(tmp_path: Path, end: str) -> None:
    file = csv(tmp_path, "email,city", "a@x.io,Bath", "b@x.io,Rome", end=end)
    assert [record[0] for record in read(file)] == [1, 2, 3]
    assert cells(file)[-1] == ["b@x.io", "Rome"]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
    ],
)
def test_a_file_is_read_in_the_encoding_it_is_written_in(
    tmp_path: Path, encoding: str, expected: str
) -> None:
    file = csv(tmp_path, "email,city", "a@x.io,Köln", encoding=encoding)
    assert written(file).encoding == expected
    assert cells(file) == [["email", "city"], ["a@x.io", "Köln"]]


def test_bytes_that_no_other_encoding_has_are_latin_1(tmp_path: Path) -> None:
    file = csv(tmp_path, "email,city", "a@x.io,K\xf6ln\x81", encoding="latin-1")
    assert (written(file).encoding, cells(file)[1][1]) == ("latin-1", "Köln\x81")


def test_a_letter_cut_at_the_end_is_no_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "cut.csv"
    file.write_bytes("email,city\na@x.io,Kö".encode()[:-1])
    assert written(file).encoding == "cp1252"


def test_a_cell_may_hold_quotes_delimiters_and_line_ends(tmp_path: Path) -> None:
    file = csv(tmp_path, "email,address", 'a@x.io,"12 ""Oak"" Lane,', 'Bath"', "b@x.io,Rome")
    assert cells(file)[1:] == [["a@x.io", '12 "Oak" Lane,\nBath'], ["b@x.io", "Rome"]]
    assert [record[0] for record in read(file)] == [1, 2, 4]


def test_empty_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    file = csv(tmp_path, "", "email,city", "", " , ", "a@x.io,Bath")
    assert [record[0] for record in read(file)] == [2, 5]


@pytest.mark.parametrize("broken", ['"a@x.io,Bath', 'a@x.io,"Ba"th', '"', ',,,"'])
def test_a_line_whose_quotes_do_not_match_costs_itself_only(tmp_path: Path, broken: str) -> None:
    file = csv(tmp_path, "email,city", broken, "b@x.io,Rome", "c@x.io,Paris")
    assert read(file)[1:] == [
        Rejection(2, MISQUOTED),
        Record(3, ["b@x.io", "Rome"]),
        Record(4, ["c@x.io", "Paris"]),
    ]


def test_a_quote_left_open_at_the_end_costs_its_line_only(tmp_path: Path) -> None:
    file = csv(tmp_path, "email,city", "a@x.io,Bath", '"b@x.io,Rome')
    assert read(file)[1:] == [Record(2, ["a@x.io", "Bath"]), Rejection(3, MISQUOTED)]


def test_a_line_that_is_too_long_costs_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_LINE", 20)
    file = csv(tmp_path, "email,city", "a@x.io," + "x" * 200, "b@x.io,Rome", "c@x.io," + "x" * 13)
    assert read(file)[1:] == [
        Rejection(2, TOO_LONG),
        Record(3, ["b@x.io", "Rome"]),
        Rejection(4, TOO_LONG),
    ]


def test_a_line_of_ten_megabytes_is_rejected(tmp_path: Path) -> None:
    file = csv(tmp_path, "email,city", "a@x.io," + "x" * 10_000_000, "b@x.io,Rome")
    assert read(file)[1:] == [Rejection(2, TOO_LONG), Record(3, ["b@x.io", "Rome"])]


def test_a_long_line_within_open_quotes_costs_itself_and_the_line_of_the_quote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_LINE", 30)
    file = csv(tmp_path, "email,city", 'a@x.io,"Ba', "x" * 200, "b@x.io,Rome")
    assert [one.line for one in read(file) if isinstance(one, Rejection)] == [2, 3]
    assert cells(file)[-1] == ["b@x.io", "Rome"]


def test_a_cell_that_is_too_long_costs_its_line_only(tmp_path: Path) -> None:
    file = csv(tmp_path, "email,city", "a@x.io," + "x" * 200_000, "b@x.io,Rome")
    assert read(file)[1:] == [Rejection(2, TOO_LONG), Record(3, ["b@x.io", "Rome"])]


@pytest.mark.parametrize("content", [b"", b"\n\n", codecs.BOM_UTF8, b"   \r\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "empty.csv"
    file.write_bytes(content)
    with pytest.raises(Refused, match="empty"):
        written(file)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no regular file"):
        written(tmp_path)

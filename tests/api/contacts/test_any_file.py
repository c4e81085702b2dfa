"""Whatever a file holds: what was written is read, and what cannot be read is told."""

import csv
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from api.contacts.listed import Numbered, listed
from api.contacts.records import Record, Refused, Rejection, opened, records

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
rows = st.lists(st.lists(texts | st.sampled_from(['"', ",", "\r\n", " x"]), min_size=2), min_size=1)
broken = st.lists(
    st.sampled_from([b"a@x.io", b",", b";", b'"', b"\n", b"\r", b"\x00", b"\xff", b"=1", b" "])
    | st.binary(max_size=4)
).map(b"".join)


@given(rows, st.sampled_from(",;\t|"))
def test_what_was_written_is_read(written: list[list[str]], delimiter: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.csv")
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(written)
        with opened(file, "utf-8") as source:
            found = list(records(source, delimiter))
    held = [row for row in written if any(map(str.strip, row))]
    assert [one.cells for one in found if isinstance(one, Record)] == held
    assert len(found) == len(held)


@given(broken)
def test_every_line_of_any_file_is_a_contact_or_told_why_not(rest: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "contacts.csv")
        file.write_bytes(b"email,name\n" + rest + b"\nada@lane.shop,Ada\n")
        told = list(listed(file).contacts())
    assert all(isinstance(one, Numbered | Rejection) for one in told)
    lines = [one.line for one in told]
    assert lines == sorted(set(lines))
    assert b'"' in rest or isinstance(told[-1], Numbered)  # a quote may take the last line along


@given(broken)
def test_a_file_that_cannot_be_read_is_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "contacts.csv")
        file.write_bytes(content)
        try:
            told = list(listed(file).contacts())
        except Refused:
            told = []
    assert all(isinstance(one, Numbered | Rejection) for one in told)

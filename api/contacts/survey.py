"""A first reading of a list: how long it is, and what each property of it holds.

A column is of numbers only if all its cells are: a size 10 beside a size 10W is a text.
"""

from collections.abc import Iterable
from typing import NamedTuple

from api.contacts.cells import EMPTY, KINDS
from api.contacts.columns import Columns
from api.contacts.records import Record, Rejection


class Survey(NamedTuple):
    """`kinds` by the position of the column, of those that are not texts."""

    lines: int
    kinds: dict[int, str]


def survey(columns: Columns, records: Iterable[Record | Rejection]) -> Survey:
    lines = 0
    possible = {column.position: list(KINDS) for column in columns.properties}
    filled: set[int] = set()
    for record in records:
        lines += 1
        if isinstance(record, Record):
            _narrow(possible, filled, record.cells)
    return Survey(lines, {n: kinds[0] for n, kinds in possible.items() if kinds and n in filled})


def _narrow(possible: dict[int, list[str]], filled: set[int], cells: list[str]) -> None:
    for position, kinds in possible.items():
        if not kinds or position >= len(cells):
            continue
        text = cells[position].strip()
        if text not in EMPTY:
            filled.add(position)
            kinds[:] = [kind for kind in kinds if KINDS[kind](text) is not None]

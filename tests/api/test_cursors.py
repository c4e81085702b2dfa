"""A cursor goes on where a page ended: in its own list, of its own namespace, as it was written."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import pytest

from aggregates.log.keys import Keyring
from api.cursors import Cursors, cut
from api.errors import Problem

CURSORS = Cursors(Keyring(bytes(32)))


class Place(NamedTuple):
    name: str
    at: datetime
    profile: UUID


PLACE = Place("Ädam", datetime(2026, 11, 21, tzinfo=UTC), UUID(int=7))


def refused(cursor: str, namespace: int = 1, about: str = "members of x") -> int:
    with pytest.raises(Problem) as problem:
        CURSORS.read(namespace, about, cursor, Place)
    return problem.value.status


def test_what_was_written_is_read() -> None:
    written = CURSORS.written(1, "members of x", PLACE)
    assert CURSORS.read(1, "members of x", written, Place) == PLACE


def test_nobody_can_read_what_stands_in_it() -> None:
    one, other = (CURSORS.written(1, "x", ("a" * 50,)) for _ in range(2))
    assert one != other
    assert len(one) < 200


def test_one_of_another_list_is_refused() -> None:
    assert refused(CURSORS.written(1, "members of y", PLACE)) == 422


def test_one_of_another_namespace_is_not_there() -> None:
    assert refused(CURSORS.written(2, "members of x", PLACE)) == 404


def test_whatever_is_changed_in_it_is_noticed() -> None:
    written = CURSORS.written(1, "members of x", PLACE)
    for at in range(len(written) - 1):  # some bits of the last character mean nothing
        changed = "A" if written[at] != "A" else "B"
        assert refused(f"{written[:at]}{changed}{written[at + 1 :]}") == 422


@pytest.mark.parametrize("made_up", ["", "v3", "ä", "A" * 60, "A" * 5_000, "====", "a b"])
def test_what_is_made_up_is_refused(made_up: str) -> None:
    assert refused(made_up) == 422


def test_other_keys_write_other_cursors() -> None:
    foreign = Cursors(Keyring(bytes([1]) * 32)).written(1, "members of x", PLACE)
    assert refused(foreign) == 422


def test_the_pages_of_a_list_go_on_where_the_one_before_ended() -> None:
    pages = CURSORS.of(1, "members of x", Place)
    assert pages.after(pages.cursor(PLACE)) == PLACE
    assert CURSORS.read(1, "members of x", pages.cursor(PLACE) or "", Place) == PLACE
    assert pages.after(None) is None, "the first page begins at the beginning"
    assert pages.cursor(None) is None, "the last page has none after it"


@pytest.mark.parametrize(
    ("found", "page", "last"), [([], [], None), ([1, 2], [1, 2], None), ([1, 2, 3], [1, 2], 2)]
)
def test_a_page_ends_at_its_last_only_where_others_follow(
    found: list[int], page: list[int], last: int | None
) -> None:
    assert cut(found, 2) == (page, last)

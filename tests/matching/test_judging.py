"""That recall and precision mean what they say; no labelled set is needed."""

from pathlib import Path

import pytest

from tests.matching.drawing import plot
from tests.matching.judging import Point, point
from tests.matching.labelled import Labelled, candidates, read
from tests.matching.learning import learnt

HEAD = (
    "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, "
    "date_of_birth, soc_sec_id\n"
)
ROWS = (
    "rec-7-org, robert, smith, 12, main street, , bath, 4011, wa, 19600314, 1\n"
    "rec-8-org, anna, jones, 3, oak lane, , leeds, 2089, vic, 19711202, 2\n"
    "rec-7-dup-0, robert, smiht, 12, main street, , bath, 4011, wa, 19600314, 1\n"
    "rec-7-dup-1, , smith, , , , , 4011, , , 1\n"
)


@pytest.fixture
def people(tmp_path: Path) -> Labelled:
    file = tmp_path / "some.csv"
    file.write_text(HEAD + ROWS)
    return read(file)


def test_who_is_one_person_is_read_from_the_record_ids(people: Labelled) -> None:
    assert people.name == "some"
    assert people.same == {(0, 2), (0, 3), (2, 3)}
    assert people.people[0].birthday == "1960-03-14"
    assert people.people[3].birthday is None


def test_only_who_shares_a_key_is_compared(people: Labelled) -> None:
    assert (0, 2) in candidates(people.people).pairs
    assert not any(1 in pair for pair in candidates(people.people).pairs)


def test_recall_is_of_all_that_are_one_precision_of_all_that_are_asked(people: Labelled) -> None:
    scores = {(0, 2): 0.9, (0, 1): 0.5, (2, 3): 0.1}
    assert point(people, scores, 0.5) == Point(0.5, asked=2, recall=1 / 3, precision=1 / 2)


def test_what_is_found_of_one_person_only_weighs_in_favour(people: Labelled) -> None:
    bits = learnt(people, [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3)])
    assert bits["birthday"] > 0 > bits["different_last_name"]


def test_a_perfect_curve_is_drawn_in_the_corner() -> None:
    first, *_, legend = plot(
        {"some": [Point(0.5, asked=1, recall=1.0, precision=1.0)]}
    ).splitlines()
    assert first.startswith("precision 1 │")
    assert first.endswith("a")
    assert legend == "a: some"

"""How well the persons of two labelled sets are recognised; the weights come from the first."""

from pathlib import Path

import pytest

from aggregates.matching.score import WORTH_ASKING
from tests.matching.judging import point, scored
from tests.matching.labelled import DATA, SETS, WITHOUT_DATA, candidates, read

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=WITHOUT_DATA)


@pytest.mark.parametrize("file", SETS, ids=lambda file: file.stem)
def test_most_are_looked_up_and_few_for_nothing(file: Path) -> None:
    people = read(file)
    found = candidates(people.people)
    assert len(found.pairs & people.same) >= 0.95 * len(people.same)
    assert found.fullest <= 12
    assert len(found.pairs) <= 2 * len(people.people)


@pytest.mark.parametrize("file", SETS, ids=lambda file: file.stem)
def test_most_are_asked_about_and_few_wrongly(file: Path) -> None:
    people = read(file)
    judged = point(people, scored(people, candidates(people.people).pairs), WORTH_ASKING)
    assert judged.recall >= 0.85
    assert judged.precision >= 0.95

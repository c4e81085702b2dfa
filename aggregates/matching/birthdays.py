"""What two birthdays say: the same, written differently, or those of parent and child."""

import re

from aggregates.matching.finding import Evidence
from aggregates.matching.spelling import one_slip

# years between parent and child, who may share a name and a house; farther or less far apart are
# rather two answers of one person, who did not want to tell
GENERATION = range(15, 51)
# what forms are filled with to get on; says nothing
MADE_UP = frozenset({"1900-01-01", "1970-01-01"})
_FORM = re.compile(r"(\d{4}|-)-(\d{2})-(\d{2})", re.ASCII)


def birthdays(one: str | None, other: str | None) -> Evidence | None:
    x, y = _parts(one), _parts(other)
    if not x or not y:
        return None
    if x == y:
        return Evidence("birthday" if x[0] != "-" else "birthday_without_year")
    if "-" in (x[0], y[0]):
        return Evidence("birthday_without_year" if x[1:] == y[1:] else "different_birthday")
    return Evidence(_in_doubt(x, y))


def _in_doubt(x: tuple[str, ...], y: tuple[str, ...]) -> str:
    if abs(int(x[0]) - int(y[0])) in GENERATION:
        return "birthdays_a_generation_apart"
    if x == (y[0], y[2], y[1]):
        return "birthday_day_and_month_exchanged"
    if one_slip("".join(x), "".join(y)):
        return "similar_birthday"
    return "different_birthday"


def _parts(birthday: str | None) -> tuple[str, ...] | None:
    if not birthday or birthday in MADE_UP:
        return None
    found = _FORM.fullmatch(birthday)
    return found.groups() if found else None

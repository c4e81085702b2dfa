"""A line of an address taken apart: the street's name and the house number."""

import re
from functools import lru_cache

from aggregates.matching.spelling import REMEMBERED, plain

_NUMBER = re.compile(r"\d+[a-z]?([-/]\d*[a-z]?)?", re.ASCII | re.IGNORECASE)
_INSIDE = re.compile(r"\s*(#|(apt|apartment|flat|floor|room|suite|unit)\b)", re.IGNORECASE)
_ENDING = {
    "st": "street", "str": "strasse", "rd": "road", "ave": "avenue", "av": "avenue",
    "dr": "drive", "ln": "lane", "pl": "place", "ct": "court", "cres": "crescent",
}  # fmt: skip


def apart(line: str) -> tuple[str | None, str | None]:
    """ "12 Main St" and "Hauptstr. 7 a" as street and number."""
    words = line.replace(",", " ").split()
    for ahead in (2, 1):
        if _is_number(words[:ahead]):
            return " ".join(words[ahead:]) or None, "".join(words[:ahead])
        if _is_number(words[-ahead:]):
            return " ".join(words[:-ahead]) or None, "".join(words[-ahead:])
    return " ".join(words) or None, None


def is_inside(line: str) -> bool:
    """A part of a house: "Apt 5"."""
    return bool(_INSIDE.match(line))


@lru_cache(REMEMBERED)
def spelt_out(street: str | None) -> str:
    """The street in one piece, its kind in full: "Main St." is "Main Street"."""
    words = plain(street or "").split()
    if not words:
        return ""
    last = _ENDING.get(words[-1], words[-1])
    return "".join([*words[:-1], last + "asse" if last.endswith("str") else last])


def _is_number(words: list[str]) -> bool:
    """`7`, `7a`, `7-9`, or `7 a`."""
    number, *letter = words or [""]
    fits = not letter or (len(letter[0]) == 1 and letter[0].isalpha() and number.isdigit())
    return bool(_NUMBER.fullmatch(number)) and fits

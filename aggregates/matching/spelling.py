"""When two ways of writing mean the same word: case, accents, typing errors, sound."""

import re
import unicodedata
from functools import lru_cache

from jellyfish import metaphone
from rapidfuzz.distance import OSA, JaroWinkler

LONG_ENOUGH = 4  # a slip in a shorter word makes another word of it
SLIPS = 0.25  # of the letters; one in four, two in eight
REMEMBERED = 20_000  # words of the last people looked at: each is compared with many
CLOSE = 0.8  # Jaro-Winkler: forgiving to what comes late in a word
_APOSTROPHE = re.compile(r"['\u2019`]")
_BETWEEN = re.compile(r"[\W_]+")


@lru_cache(REMEMBERED)
def plain(text: str) -> str:
    """Letters, digits and single blanks; small, without accents."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in apart if not unicodedata.combining(c))
    return _BETWEEN.sub(" ", _APOSTROPHE.sub("", text).casefold()).strip()


@lru_cache(REMEMBERED)
def joined(text: str | None) -> str:
    """As `plain`, in one piece: a blank too many or too few is the commonest slip of all."""
    return plain(text).replace(" ", "") if text else ""


def alike(one: str, other: str) -> float:
    """1 where two joined words are equal, 0 where one is not the other with slips."""
    if one == other:
        return 1.0
    longer = max(len(one), len(other))
    slips = OSA.distance(one, other) / longer
    return round(1 - slips, 2) if longer >= LONG_ENOUGH and slips <= SLIPS else 0.0


def alike_names(one: str, other: str) -> float:
    """As `alike`, and more forgiving: a name has many spellings."""
    if min(len(one), len(other)) < LONG_ENOUGH:
        return alike(one, other)
    close = JaroWinkler.similarity(one, other)
    return max(alike(one, other), round(close, 2) if close >= CLOSE else 0.0)


def one_slip(one: str, other: str) -> bool:
    """One character wrong, missing, too many, or two neighbours exchanged."""
    return OSA.distance(one, other, score_cutoff=1) == 1


@lru_cache(REMEMBERED)
def sound(text: str | None) -> str:
    """How it sounds in English, for looking up; the letters themselves where that says nothing."""
    return metaphone(joined(text)) or joined(text)

"""Under which words a customer is found, and which of those a misspelt one may mean."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from math import ceil

LONGEST = 60  # characters of a word
_PIECES = re.compile(r"[^\W_]+")
# shorter words are like too many others
_LETTERS = re.compile(r"[^\W\d_]{4,60}")
# ITU-T E.164: country codes of one and of two digits; all the others have three
_SHORT_CODE = re.compile(r"[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


def plain(text: str) -> str:
    """Small letters without accents: `Müller` and `muller` are found by each other."""
    if text.isascii():
        return text.lower()  # as it would be in the end
    parts = unicodedata.normalize("NFKD", text.replace("ß", "ss").casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def words_of(texts: Iterable[str | None], emails: Iterable[str], phones: Iterable[str]) -> set[str]:
    """Beginnings of these find the customer."""
    found = {piece for text in texts if text for piece in pieces(text)}
    for email in emails:
        found |= {plain(email)[:LONGEST], *pieces(email)}
    for phone in phones:
        found |= set(_dialled(phone))
    return found


def pieces(text: str) -> list[str]:
    return [piece[:LONGEST] for piece in _PIECES.findall(plain(text))]


def asked(text: str) -> list[str]:
    """The words of a search: an address or a number is one, however it is punctuated."""
    if "@" in text.strip()[1:] and " " not in text.strip():
        return [plain(text.strip())[:LONGEST]]
    digits = re.sub(r"[\s()./+-]", "", text)
    if digits.isdecimal():
        return [digits.removeprefix("00")[:LONGEST]]
    return pieces(text)


def spellable(words: Iterable[str]) -> set[str]:
    """Those that people misspell."""
    return {word for word in words if _LETTERS.fullmatch(word)}


def trigrams(word: str) -> list[str]:
    """Of the word with two blanks before and one after, as pg_trgm counts them."""
    return sorted(_in_order(word))


def telling(word: str, alike: float) -> list[str]:
    """So many trigrams that every word has one of them that shares the part `alike` of all.

    Those of the middle: beginnings and endings are shared by too many words.
    """
    known = _in_order(word)
    spared = max(ceil(len(known) * alike), 1) - 1
    return known[(spared + 1) // 2 : len(known) - spared // 2]


def _in_order(word: str) -> list[str]:
    padded = f"  {word} "
    return list(dict.fromkeys(padded[n : n + 3] for n in range(len(padded) - 2)))


def _dialled(phone: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return
    yield digits
    if phone.startswith("+"):
        short = _SHORT_CODE.match(digits)
        national = digits[short.end() if short else 3 :]
        yield from (national, f"0{national}")

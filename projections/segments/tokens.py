"""A text as words, numbers and quoted texts, read from left to right."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_LENGTH = 1_000_000  # characters; the longest rule in words has fewer
_TOKEN = re.compile(r'\s*(?P<word>"(?:[^"\\]|\\.)*"|[(),]|[^\s(),"]+|")\s*', re.DOTALL)
END = "the end"


class Misunderstood(Exception):
    """`at` is the place in the text, from 0; `expected` what would be right there."""

    def __init__(self, at: int, expected: str, found: str) -> None:
        super().__init__(f"at character {at + 1}: expected {expected}, found {found}")
        self.at = at
        self.expected = expected


class Token(NamedTuple):
    text: str
    at: int


class Reader:
    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise Misunderstood(MAX_LENGTH, END, "more text")
        self._tokens = [*_tokens(text), Token("", len(text))]
        self._next = 0

    def takes(self, phrase: str) -> bool:
        """Whether these words come next; then they are passed."""
        words = phrase.split()
        here = self._tokens[self._next : self._next + len(words)]
        if [token.text.lower() for token in here] != words:
            return False
        self._next += len(words)
        return True

    def one_of(self, phrases: Iterable[str]) -> str:
        """Passes one of these; of those that begin alike the longer one must come first."""
        known = list(phrases)
        for phrase in known:
            if self.takes(phrase):
                return phrase
        raise self.misunderstood(" or ".join(known))

    def needs(self, phrase: str) -> None:
        self.one_of([phrase])

    def word(self, pattern: str, expected: str) -> str:
        token = self._tokens[self._next]
        if not re.fullmatch(pattern, token.text):
            raise self.misunderstood(expected)
        self._next += 1
        return token.text

    def quoted(self) -> str:
        """1 to 500 characters in quotes."""
        expected = 'a text in quotes such as "Berlin"'
        token = self._tokens[self._next]
        try:
            said = json.loads(token.text, strict=False) if token.text.startswith('"') else None
        except ValueError:
            raise self.misunderstood(expected) from None
        if not isinstance(said, str) or not 0 < len(said) <= 500:
            raise self.misunderstood(expected)
        self._next += 1
        return said

    def end(self) -> None:
        if self._tokens[self._next].text:
            raise self.misunderstood(f"and, or, or {END}")

    def misunderstood(self, expected: str) -> Misunderstood:
        token = self._tokens[self._next]
        return Misunderstood(token.at, expected, _shown(token.text))


def _tokens(text: str) -> Iterator[Token]:
    """Up to a quote that never ends: each would be looked for to the end of the text."""
    for found in _TOKEN.finditer(text):
        yield Token(found["word"], found.start("word"))
        if found["word"] == '"':
            return


def _shown(text: str) -> str:
    """Not what it says: that may be somebody's name, and errors are kept in many places."""
    if not text:
        return END
    if text.startswith('"'):
        return "a text in quotes"
    return f"`{text}`" if text in "()," else "something else"

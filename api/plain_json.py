"""JSON that every reader understands alike: no member twice, no NUL in a text.

Of a member given twice each reader believes another one. NUL is a legal character that databases
and many programs refuse or cut at, so auditors could not read what was stored with it.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

from api.errors import Fault

NAME_AT_MOST = 100  # characters of a member's name that we repeat
FAULTS_AT_MOST = 10  # named in one answer
TWICE = "is given more than once"
NUL = "holds NUL, a character that cannot be kept"
_WRITTEN_NUL = b"\\u0000"  # the only way to write one; a bare one is no JSON


class Members(tuple[tuple[str, "Value"], ...]):
    """An object with every member that was written, in order."""

    __slots__ = ()


Value: TypeAlias = "str | bool | list[Value] | Members | None"


class Doubled(Exception):
    """Some object has a member twice."""


def faults_of(body: bytes) -> tuple[Fault, ...]:
    """What is wrong with the JSON in `body`, by field.

    Raises ValueError for what is not JSON or not UTF-8, RecursionError for nesting beyond all use.
    """
    text = body.decode()
    try:
        _STRICT.decode(text)
    except Doubled:
        suspicious = True
    else:
        suspicious = _WRITTEN_NUL in body
    return tuple(islice(_faults(_LENIENT.decode(text), ""), FAULTS_AT_MOST)) if suspicious else ()


def joined(parent: str, child: str) -> str:
    return f"{parent}.{child}" if parent and child and child[0] != "[" else parent + child


def _faults(value: Value, path: str) -> Iterator[Fault]:
    match value:
        case Members():
            yield from _of_members(value, path)
        case list():
            for index, each in enumerate(value):
                yield from _faults(each, f"{path}[{index}]")
        case str() if "\x00" in value:
            yield Fault(path, NUL)


def _of_members(members: Members, path: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for name, value in members:
        place = joined(path, name[:NAME_AT_MOST])
        if name in seen:
            yield Fault(place, TWICE)
        seen.add(name)
        yield from _faults(value, place)


def _once(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise Doubled


# numbers stay text: nobody looks at them here, and long ones are slow to read or refused
_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_int=str, parse_float=str)
_LENIENT = json.JSONDecoder(object_pairs_hook=Members, parse_int=str, parse_float=str)

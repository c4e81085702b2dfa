"""A valid example of any type that msgspec reads, made from the type itself."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

Path = tuple[str | int, ...]
INSTANT = "2026-11-20T10:00:00Z"
# one of these fits every pattern and length we ask for
TEXTS = ("ada@lane.shop", "1.50", "EUR", "1990-12-31", "Europe/Berlin")


def whole(kind: type) -> dict[str, Any]:
    """A JSON object with every member of a Struct, its tag included."""
    made: dict[str, Any] = example(inspect.type_info(kind))
    msgspec.convert(made, kind)
    return made


def example(kind: inspect.Type) -> Any:  # noqa: PLR0911 - one for each kind of type
    """JSON that `kind` takes."""
    match kind:
        case inspect.StructType():
            tag = {kind.tag_field: kind.tag} if kind.tag_field else {}
            return tag | {field.encode_name: example(field.type) for field in kind.fields}
        case inspect.UnionType():
            return example(next(t for t in kind.types if not isinstance(t, inspect.NoneType)))
        case inspect.VarTupleType() | inspect.ListType():
            return [example(kind.item_type)]
        case inspect.DictType():
            return {example(kind.key_type): example(kind.value_type)}
        case inspect.Metadata():
            return example(kind.type)
        case inspect.LiteralType():
            return kind.values[0]
        case _:
            return _plain(kind)


def _plain(kind: inspect.Type) -> str | int | bool:
    match kind:
        case inspect.StrType():
            return next(text for text in TEXTS if _fits(text, kind))
        case inspect.IntType() | inspect.FloatType():
            return 1
        case inspect.BoolType():
            return True
        case inspect.DateTimeType():
            return INSTANT
        case _:
            raise NotImplementedError(kind)


def places(tree: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every member at every depth."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in pairs:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def put(tree: Any, path: Path, value: Any) -> Any:
    """A copy of `tree` with another value at `path`."""
    if not path:
        return value
    copy: Any = tree.copy()
    copy[path[0]] = put(tree[path[0]], path[1:], value)
    return copy


def _fits(text: str, kind: inspect.StrType) -> bool:
    longest = len(text) if kind.max_length is None else kind.max_length
    matches = kind.pattern is None or re.search(kind.pattern, text)
    return bool(matches) and (kind.min_length or 0) <= len(text) <= longest

"""Which texts are moments: msgspec's schemas call them texts, unless they may have no time zone."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import inspect

FORMAT = {"format": "date-time"}


def mark_instants(kinds: Iterable[Any], components: dict[str, Any]) -> None:
    """Adds the format to the schemas of these kinds, and of those they consist of."""
    seen: set[str] = set()
    for kind in inspect.multi_type_info(kinds):
        for struct in _structs(kind, seen):
            properties = components.get(struct.cls.__name__, {}).get("properties", {})
            for field in struct.fields:
                if field.encode_name in properties:
                    _mark(properties[field.encode_name], field.type)


def _structs(kind: inspect.Type, seen: set[str]) -> Iterator[inspect.StructType]:
    if isinstance(kind, inspect.StructType) and kind.cls.__name__ not in seen:
        seen.add(kind.cls.__name__)
        yield kind
        for field in kind.fields:
            yield from _structs(field.type, seen)
    for part in _parts(kind):
        yield from _structs(part, seen)


def _parts(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    match kind:
        case inspect.UnionType():
            return kind.types
        case inspect.ListType() | inspect.VarTupleType():
            return (kind.item_type,)
        case inspect.DictType():
            return (kind.value_type,)
        case inspect.Metadata():
            return (kind.type,)
        case _:
            return ()


def _mark(schema: dict[str, Any], kind: inspect.Type) -> None:
    match kind:
        case inspect.DateTimeType():
            schema |= FORMAT
        case inspect.UnionType() if any(isinstance(t, inspect.DateTimeType) for t in kind.types):
            texts = [node for node in schema["anyOf"] if node.get("type") == "string"]
            texts[0] |= FORMAT
        case inspect.ListType() | inspect.VarTupleType():
            _mark(schema["items"], kind.item_type)
        case inspect.DictType() if "additionalProperties" in schema:
            _mark(schema["additionalProperties"], kind.value_type)

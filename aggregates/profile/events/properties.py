"""What shops and forms know of a customer under names of their own."""

from datetime import datetime
from typing import Annotated, ClassVar, TypeAlias, assert_never

from msgspec import Meta, Struct

from aggregates.profile.latest import Latest, Stamp, newest

MAX_PROPERTIES = 200
MAX_TEXT = 4_000


class Moment(Struct, frozen=True):
    """An instant, told apart from a text that looks like one. UTC once decided."""

    at: Annotated[datetime, Meta(tz=True)]


Value: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT)] | float | bool | Moment


class PropertiesEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every event of properties."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class PropertiesSet(PropertiesEvent, frozen=True, tag="properties.set"):
    """Values by name. The names are personal too: some tell as much as their values."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"values"})
    values: dict[str, Value] = {}


Event: TypeAlias = PropertiesSet


class Properties(Struct, frozen=True):
    """The newest value of each name.

    Beyond `MAX_PROPERTIES` the names set longest ago are dropped (the smaller name if equal).
    When a name was last set only ever grows, so the same ones stay whatever order the signals
    came in.
    """

    by_name: dict[str, Latest[Value]] = {}


def evolve(properties: Properties, event: Event, stamp: Stamp) -> Properties:
    match event:
        case PropertiesSet(values):
            return Properties(_kept(_put(properties.by_name, values, stamp)))
        case _:
            assert_never(event)


def values_of(properties: Properties) -> dict[str, Value]:
    """What holds now, by name in alphabetical order."""
    return {name: held.value for name, held in sorted(properties.by_name.items())}


def _put(
    held: dict[str, Latest[Value]], values: dict[str, Value], stamp: Stamp
) -> dict[str, Latest[Value]]:
    return {**held, **{name: newest(held.get(name), v, stamp) for name, v in values.items()}}


def _kept(held: dict[str, Latest[Value]]) -> dict[str, Latest[Value]]:
    beyond = len(held) - MAX_PROPERTIES
    if beyond <= 0:
        return held
    longest_ago = set(sorted(held, key=lambda name: (held[name].stamp, name))[:beyond])
    return {name: value for name, value in held.items() if name not in longest_ago}

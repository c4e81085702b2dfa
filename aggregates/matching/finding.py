"""One thing that two profiles have in common, or that tells them apart."""

from msgspec import Struct


class Evidence(Struct, frozen=True, order=True):
    """`name` is stable and for people to read; never a value of a person. `strength` in 0..1."""

    name: str
    strength: float = 1.0

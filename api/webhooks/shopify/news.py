"""What one body tells, before it becomes a signal."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeAlias

from actors.signals import Step
from aggregates.profile.decide import Command
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules


class News(NamedTuple):
    """`at` is the moment the body speaks of; `creates` as in `Signal`.

    A `timeless` body names no moment, so the same words may be true news twice. `powerless` as in
    `Signal`, besides those that are so for everybody.
    """

    at: datetime
    identifiers: tuple[Identifier, ...]
    steps: tuple[Step, ...]
    creates: bool = True
    timeless: bool = False
    powerless: tuple[Identifier, ...] = ()


class Heard(NamedTuple):
    """`at` is the moment of a body that names none; `rules` are those of the body's shop."""

    at: datetime
    rules: IdentityRules


Translator: TypeAlias = Callable[[bytes, Heard], News]


def of_somebody(
    known: tuple[Identifier, ...], command: Command, moment: datetime | None, heard: Heard
) -> News:
    """One command about whoever is known by these; they may be new to us."""
    at = moment or heard.at
    return News(at, known, (Step(at, command),), timeless=moment is None)


def of_known(
    known: tuple[Identifier, ...], command: Command, moment: datetime | None, heard: Heard
) -> News:
    """One command about a thing placed elsewhere, which waits for the owner of that thing."""
    return of_somebody(known, command, moment, heard)._replace(creates=False)

"""What one body tells, before it becomes a signal."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeAlias

from actors.signals import Step
from aggregates.profile.decide import Command
from aggregates.profile.identifiers import Identifier


class News(NamedTuple):
    """`at` is the moment the body speaks of; `creates` as in `Signal`.

    A `timeless` body names no moment, so the same words may be true news twice.
    """

    at: datetime
    identifiers: tuple[Identifier, ...]
    steps: tuple[Step, ...]
    creates: bool = True
    timeless: bool = False


# body, and when we heard of it: the moment of a body that names none
Translator: TypeAlias = Callable[[bytes, datetime], News]


def of_somebody(
    known: tuple[Identifier, ...], command: Command, moment: datetime | None, heard_at: datetime
) -> News:
    """One command about whoever is known by these; they may be new to us."""
    at = moment or heard_at
    return News(at, known, (Step(at, command),), timeless=moment is None)


def of_known(
    known: tuple[Identifier, ...], command: Command, moment: datetime | None, heard_at: datetime
) -> News:
    """One command about a thing placed elsewhere, which waits for the owner of that thing."""
    return of_somebody(known, command, moment, heard_at)._replace(creates=False)

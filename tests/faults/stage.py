"""What a scenario is given: a place to break, how much to do, somebody to tell."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from tests.faults import scenarios
from tests.faults.journal import Journal
from tests.faults.place import Place, running
from tests.faults.report import Finding

NUMBERS = count(1)


class Skipped(Exception):
    """This machine lacks what the scenario needs; the message says what."""


class Audience(Protocol):
    """Who watches a scenario."""

    def began(self, rounds: int) -> None: ...
    def finished_round(self) -> None: ...
    def heard(self, text: str) -> None: ...


class Silence:
    """Nobody does."""

    def began(self, rounds: int) -> None:
        pass

    def finished_round(self) -> None:
        pass

    def heard(self, text: str) -> None:
        pass


class Stage:
    """`folder` is the scenario's own, open to PostgreSQL's user and gone afterwards."""

    def __init__(
        self,
        folder: Path,
        quick: bool,
        audience: Audience,
        place_to_break: Callable[[], Place],
    ) -> None:
        self.folder = folder
        self.quick = quick
        self._audience = audience
        self._place = place_to_break

    @property
    def place(self) -> Place:
        """A running server that others may use after us: leave it whole. Started when asked for."""
        return self._place()

    def running(
        self,
        variables: Mapping[str, str] | None = None,
        hasty: bool | None = None,
        **settings: str | int,
    ) -> AbstractContextManager[Place]:
        """A server of the scenario's own, with these settings and environment variables.

        The short form is `hasty`, if nothing else is said, and does not wait for its end.
        """
        folder = self.folder / f"place-{next(NUMBERS)}"
        folder.mkdir(mode=0o711)
        return running(folder, variables, self.quick if hasty is None else hasty, **settings)

    def journal(self) -> Journal:
        return Journal(self.folder / f"attempts-{next(NUMBERS)}.jsonl")

    def fewer(self, full: int, short: int) -> int:
        """How much of something: in `make faults`, and in the tests' short form."""
        return short if self.quick else full

    def rounds(self, number: int) -> Iterator[int]:
        """Counts 0…number-1 and moves the progress bar."""
        self._audience.began(number)
        for nth in range(number):
            yield nth
            self._audience.finished_round()

    def said(self, text: str) -> None:
        self._audience.heard(text)


class Scenario(Struct, frozen=True):
    """A module of `scenarios`."""

    name: str
    about: str
    run: Callable[[Stage], list[Finding]]


def names() -> list[str]:
    """Of all scenarios, as their files are called."""
    return sorted(module.name for module in pkgutil.iter_modules(scenarios.__path__))


def scenario(name: str) -> Scenario:
    module = importlib.import_module(f"{scenarios.__name__}.{name}")
    assert module.__doc__ is not None
    return Scenario(name, module.__doc__, module.run)


@contextmanager
def started_when_asked(folder: Path, hasty: bool = False) -> Iterator[Callable[[], Place]]:
    """One server for whoever asks within the block."""
    with ExitStack() as servers:
        yield cache(lambda: servers.enter_context(running(folder, hasty=hasty)))

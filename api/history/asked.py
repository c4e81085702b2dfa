"""What stands in the addresses of one customer's history."""

from typing import Annotated

from fastapi import Path, Query

from api.errors import Problem

NO_NUL = r"^[^\x00]*$"  # no text in the database has one
MOST = 255  # characters of a name
Named = Annotated[str | None, Query(min_length=1, max_length=MOST, pattern=NO_NUL)]
InPath = Annotated[str, Path()]


def nothing_called(thing: str) -> Problem:
    code = f"no_such_{thing}"
    return Problem(404, code, f"this customer has no such {thing}")


def known_name(name: str, thing: str) -> str:
    """Raises Problem (404) for what nothing can be called."""
    if "\x00" in name:
        raise nothing_called(thing)
    return name

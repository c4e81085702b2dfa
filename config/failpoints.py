"""Faults on purpose: named places of the write path at which a test makes the product fail.

They are off unless `C360_FAILPOINTS` in the environment of a process says otherwise:

    C360_FAILPOINTS="log.before_commit=kill@3;log.after_commit=raise@1-200;snapshot.before_save=sleep:2"

`kill` is SIGKILL, `exit` leaves without tidying up, `raise` raises FailpointReached, `sleep:S`
waits S seconds. `@3` is the third time this process comes by, `@1-200` the first 200 times, and
without it every time. A typo ends the process at its start, lest a fault test tests nothing.
"""

import os
import re
import signal
import sys
import time
from itertools import count
from typing import NamedTuple

VARIABLE = "C360_FAILPOINTS"
NAMES = (
    "log.before_commit",  # all is written, nothing is durable
    "log.after_commit",  # durable, and nobody has been told
    "host.before_adopt",  # durable, and the host does not remember it yet
    "host.before_answer",  # durable and remembered, and the caller has not been told
    "snapshot.before_save",  # taken, and not on its way to the log
    "snapshot.before_commit",  # written, not durable
    "migration.before_record",  # a file's SQL has run, and nothing says so
    "migration.between",  # a file is applied, the next one not begun
)
_USAGE = "PLACE=kill|exit|raise|sleep:S[@N[-M]]"
_FAULT = re.compile(r"(.+)=(kill|exit|raise|sleep:\d+(?:\.\d+)?)(?:@([1-9]\d*)(?:-([1-9]\d*))?)?")


class FailpointReached(Exception):
    """A place that was told to raise; the message is its name."""


class Fault(NamedTuple):
    """What happens at a place, and at which of its hits."""

    action: str
    when: range
    hits: "count[int]"


def reach(name: str) -> None:
    """Mark a place. Nothing happens there unless this process was started to fail at it."""
    if (fault := faults.get(name)) is None or next(fault.hits) not in fault.when:
        return
    match fault.action.partition(":"):
        case "kill", _, _:
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit", _, _:
            os._exit(1)
        case "raise", _, _:
            raise FailpointReached(name)
        case _, _, seconds:
            time.sleep(float(seconds))


def parsed(text: str) -> dict[str, Fault]:
    """The faults by their places. Raises ValueError for what is not understood."""
    found: dict[str, Fault] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        if (said := _FAULT.fullmatch(part)) is None or said[1] not in NAMES:
            raise ValueError(f"{part!r} is not {_USAGE}, PLACE one of {', '.join(NAMES)}")
        first, last = int(said[3] or 1), int(said[4] or said[3] or sys.maxsize - 1)
        if first > last or said[1] in found:
            raise ValueError(f"{part!r} never happens or is not the first for its place")
        found[said[1]] = Fault(said[2], range(first, last + 1), count(1))
    return found


try:
    faults = parsed(os.environ.get(VARIABLE, ""))
except ValueError as error:
    raise SystemExit(f"{VARIABLE}: {error}") from error

"""Logs that operators can search and that say nothing about people.

An event is a fixed word, its fields come from a short list, and a value that could be an address,
a name or a telephone number is left out. What was left out is named in `dropped`, so that whoever
wrote the line notices. What libraries log comes out the same way, see `foreign_logs`.
"""

import os
import re
import resource
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Literal
from uuid import UUID

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from config import foreign_logs

Form = Literal["json", "console"]
Fields = MutableMapping[str, object]
Scalar = bool | int | float | str | None
FIELDS = (  # in this order
    *("timestamp", "level", "process", "pid", "event"),
    *("part", "model", "host", "shard", "child", "version", "port", "route", "method", "status"),
    *("reason", "topic", "namespace", "profile_id", "segment_id", "letter_id"),
    *("count", "seconds", "bytes"),
    *("error", "cause", "code", "logger", "text", "places"),
)
EVENT = re.compile(r"[a-z][a-z0-9_]{2,40}")
PLAIN = re.compile(r"[\w./:{}<>=,-]*", re.ASCII)  # no "@", no "+", no space: not what people type
LONGEST = 600  # characters


def configure(level: str, form: Form, process: str) -> None:
    """Once in every process, before anything may fail. `process`: supervisor, api or host."""
    render: Processor = structlog.processors.JSONRenderer()
    if form == "console":
        render = structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            Allowed(process),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: Lines(),
    )
    foreign_logs.take_over(level)
    # whoever crashes would leave his memory in a file, with everybody in it
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def logger() -> FilteringBoundLogger:
    """May be asked for when a module is imported: it follows what is configured later."""
    log: FilteringBoundLogger = structlog.get_logger()
    return log


class Allowed:
    """The processor that lets through what is on the list."""

    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, _: object, __: str, given: Fields) -> Fields:
        said = {**given, "process": self._process, "pid": os.getpid()}
        said = {name: value for name, value in said.items() if value is not None}
        fields = {name: _shown(name, said[name]) for name in FIELDS if name in said}
        shown: Fields = {name: value for name, value in fields.items() if value is not None}
        shown.setdefault("event", "unnamed")
        if dropped := sorted(name for name in said if fields.get(name) is None):
            shown["dropped"] = ",".join(filter(EVENT.fullmatch, dropped))
        return shown


def _shown(name: str, value: object) -> Scalar:
    """None for what may not be shown."""
    if name == "event":
        return value if isinstance(value, str) and EVENT.fullmatch(value) else None
    if isinstance(value, bool | int | float | foreign_logs.SourceText):
        return value
    if isinstance(value, str | UUID) and PLAIN.fullmatch(text := str(value)):
        return text[:LONGEST]
    return None


class Lines:
    """Writes each line at once and whole. Where it cannot, the work goes on without it."""

    def msg(self, line: str) -> None:
        with suppress(OSError):  # a full disk must not turn a log line into a failed request
            os.write(2, f"{line}\n".encode(errors="replace"))

    debug = info = warning = error = critical = msg

"""What libraries log, warn of and crash with, made silent about people.

Their messages can quote anything, so a record keeps its level, its logger, the kind and place of
an exception, and its text only if that text stands, word for word, in the source that logged it.
This is done where records are made: whichever handler prints one prints no more than that.
"""

import linecache
import logging
import sys
import threading
import warnings
from collections.abc import Callable
from typing import TextIO

import structlog

from config.failures import failure, place

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class SourceText(str):
    """A text known to be part of a source file, and so not about anybody."""

    __slots__ = ()


def take_over(level: str) -> None:
    """Records, warnings and crashes of this process go through our own renderer from now on."""
    logging.setLogRecordFactory(_silent(logging.getLogRecordFactory()))
    for name in list(logging.root.manager.loggerDict):
        known = logging.getLogger(name)
        known.handlers.clear()
        known.propagate = True
    logging.root.handlers = [Ours()]
    logging.root.setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    warnings.showwarning = _warned
    sys.excepthook = lambda _kind, error, _traceback: _failed("crashed", error)
    sys.unraisablehook = lambda raised: _failed("not_raised", raised.exc_value)
    threading.excepthook = lambda raised: _failed("thread_crashed", raised.exc_value)


class Ours(logging.Handler):
    """Hands the records of libraries to our own logger."""

    def emit(self, record: logging.LogRecord) -> None:
        tell = log.error if record.levelno >= logging.ERROR else log.warning
        if record.levelno < logging.WARNING:
            tell = log.debug
        tell("library_message", logger=record.name, **record.__dict__["told"])


def _silent(make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def silent_record(*arguments: object, **more: object) -> logging.LogRecord:
        record = make(*arguments, **more)
        text = _literal(record)
        raised = record.exc_info[1] if record.exc_info else None
        told = {"places": place(record.pathname, record.lineno)} | (
            failure(raised) if raised else {}
        )
        record.__dict__["told"] = told | ({"text": SourceText(text)} if text else {})
        record.msg, record.args = text, ()
        record.exc_info = record.exc_text = record.stack_info = None
        return record

    return silent_record


def _literal(record: logging.LogRecord) -> str:
    """The text without its values, or nothing where values may already be part of it."""
    text = str(record.msg)
    source = "".join(linecache.getlines(record.pathname))
    return text if f'"{text}"' in source or f"'{text}'" in source else ""


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    log.warning("python_warning", error=category.__name__, places=place(filename, lineno))


def _failed(event: str, error: BaseException | None) -> None:
    if error is not None:
        log.error(event, **failure(error))

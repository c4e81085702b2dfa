"""The sources log fixed words with listed fields, and nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.logs import EVENT, FIELDS

ROOT = Path(__file__).parents[1]
PACKAGES = ("actors", "aggregates", "api", "config", "projections")
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log", "msg"}
EDGES = {"Outage", "Flood"}
PASS_ON = {"config/edges.py", "config/foreign_logs.py"}  # these get the word from their callers
SOURCES = {
    str(file.relative_to(ROOT)): file.read_text()
    for package in PACKAGES
    for file in (ROOT / package).rglob("*.py")
}


def logging_calls(source: str) -> Iterator[ast.Call]:
    """Calls of a logger, and of what makes an event that is logged later."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)):
                if level in LEVELS:
                    yield node
            case ast.Call(func=ast.Name(id=name)) if name in EDGES:
                yield node


def faults(source: str) -> Iterator[str]:
    for call in logging_calls(source):
        if not call.args:
            yield f"line {call.lineno}: no event"
        for word in call.args:
            event = word.value if isinstance(word, ast.Constant) else None
            if not isinstance(event, str) or not EVENT.fullmatch(event):
                yield f"line {call.lineno}: the event is not a plain snake_case word"
        for keyword in call.keywords:
            if keyword.arg is not None and keyword.arg not in {*FIELDS, "clock"}:
                yield f"line {call.lineno}: the field {keyword.arg} is not on the list"


@pytest.mark.parametrize("file", sorted(SOURCES.keys() - PASS_ON))
def test_every_logging_call_is_a_fixed_word_with_listed_fields(file: str) -> None:
    assert list(faults(SOURCES[file])) == []


def test_there_are_calls_to_look_at() -> None:
    assert sum(len(list(logging_calls(source))) for source in SOURCES.values()) > 10


@pytest.mark.parametrize(
    "call",
    [
        'log.info(f"hello {name}")',
        'log.info("hello sarah")',
        "log.info(name)",
        'log.info("hello", email=email)',
        'log.info("hello %s", name)',
        "log.exception()",
        'Flood("Too many")',
    ],
)
def test_a_call_that_could_name_somebody_is_found(call: str) -> None:
    assert list(faults(call))


def test_nobody_logs_past_our_own_logger() -> None:
    forbidden = ("logging.getLogger(", "structlog.get_logger(", "print_exc(", "print_exception(")
    past = {
        file: [word for word in forbidden if word in source]
        for file, source in SOURCES.items()
        if file not in {"config/logs.py", "config/foreign_logs.py"}
    }
    assert {file: words for file, words in past.items() if words} == {}

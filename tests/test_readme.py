"""What the README promises is there, and what is there the README tells."""

import re
from pathlib import Path

import typer

from api.cli import app
from api.webhooks.shopify.topics import NOT_YET
from api.webhooks.shopify.translate import TRANSLATORS
from config.settings import PREFIX, Settings

README = (Path(__file__).parents[1] / "README.md").read_text()
CODE = set(re.findall(r"`([^`\n]+)`", README))


def test_every_topic_is_listed_with_what_becomes_of_it() -> None:
    translated, kept = (_row(start) for start in ("translated now", "kept whole as dead letters"))
    assert set(re.findall(r"`([^`]+)`", translated)) == set(TRANSLATORS)
    assert set(re.findall(r"`([^`]+/[^`]+|[^`]+_segment)`", kept)) == set(NOT_YET)


def test_every_setting_is_listed() -> None:
    assert {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} <= CODE


def test_every_verb_is_listed() -> None:
    verbs = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # it is a group
    told = set(re.findall(r"c360 ([a-z-]+)", README))
    assert verbs <= told


def _row(start: str) -> str:
    (row,) = [line for line in README.splitlines() if line.startswith(f"| {start}")]
    return row

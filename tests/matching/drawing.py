"""Curves as tables and as a plot of letters."""

from collections.abc import Mapping, Sequence
from string import ascii_lowercase

from rich.table import Table

from aggregates.matching.score import WORTH_ASKING
from aggregates.matching.weights import LEARNT
from tests.matching.judging import Point

WIDE, HIGH = 60, 16
LEAST = 0.5  # where both axes begin


def table(points: Sequence[Point]) -> Table:
    made = Table()
    for heading in ("asked from", "pairs asked", "recall", "precision"):
        made.add_column(heading, justify="right")
    for at in points:
        figures = (f"{at.threshold:g}", f"{at.asked:,}", f"{at.recall:.4f}", f"{at.precision:.4f}")
        made.add_row(*figures, style="bold" if at.threshold == WORTH_ASKING else None)
    return made


def weights(columns: Mapping[str, Mapping[str, float]]) -> Table:
    made = Table(title="bits against strangers", title_justify="left")
    for heading in ("finding", "product", *columns):
        made.add_column(heading, justify="left" if heading == "finding" else "right")
    for name, bits in LEARNT.items():
        made.add_row(name, f"{bits:g}", *(f"{learnt[name]:.1f}" for learnt in columns.values()))
    return made


def plot(curves: Mapping[str, Sequence[Point]]) -> str:
    """Recall to the right, precision upwards, one letter for each curve: the first is `a`."""
    lettered = list(zip(ascii_lowercase, curves.items(), strict=False))
    paper = [[" "] * WIDE for _ in range(HIGH)]
    for letter, (_, points) in lettered:
        for at in points:
            if min(at.recall, at.precision) >= LEAST:
                paper[HIGH - 1 - _step(at.precision, HIGH)][_step(at.recall, WIDE)] = letter
    rows = [f"{_mark(row):>11} │{''.join(line)}" for row, line in enumerate(paper)]
    axis = f"{'':11} └{'─' * WIDE}\n{'':13}{LEAST:<{WIDE - 8}g}recall 1"
    return "\n".join([*rows, axis, *(f"{letter}: {name}" for letter, (name, _) in lettered)])


def _step(share: float, steps: int) -> int:
    return round((share - LEAST) / (1 - LEAST) * (steps - 1))


def _mark(row: int) -> str:
    return {0: "precision 1", HIGH - 1: f"{LEAST:g}"}.get(row, "")

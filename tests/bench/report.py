"""What was measured, beside what was promised: one table for people, one file for programs."""

import json
import os
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.table import Table

FLUSHES = 200


class Limit(Struct, frozen=True):
    """A promise about one of a row's figures."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        sign, bound = ("≥", self.at_least) if self.at_least is not None else ("≤", self.at_most)
        assert bound is not None, "a limit has a bound"
        return f"{self.figure} {sign} {shown(bound)}"

    def holds(self, value: float) -> bool:
        if self.at_least is not None and value < self.at_least:
            return False
        return self.at_most is None or value <= self.at_most


class Row(Struct, frozen=True):
    """One thing measured; a figure's name carries its unit; `x` means times as much as."""

    part: str
    subject: str
    figures: Mapping[str, float]
    limits: Sequence[Limit] = ()

    @property
    def verdicts(self) -> list[str]:
        held = (limit.holds(self.figures[limit.figure]) for limit in self.limits)
        return ["pass" if it_holds else "MISS" for it_holds in held]


def shown(value: float) -> str:
    """Three figures that count, no more than a noisy machine can give."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(rows: Iterable[Row], title: str) -> Table:
    made = Table(title=title, title_justify="left", show_lines=False)
    for heading in ("part", "subject", "measured", "limit", "verdict"):
        made.add_column(heading, overflow="fold")
    before = ""
    for row in rows:
        made.add_row(
            row.part if row.part != before else "",
            row.subject,
            ", ".join(f"{name} {shown(value)}" for name, value in row.figures.items()),
            "\n".join(map(str, row.limits)),
            "\n".join(row.verdicts),
            style="red" if "MISS" in row.verdicts else None,
        )
        before = row.part
    return made


def machine(folder: Path) -> dict[str, object]:
    """Where the figures come from; the flush of a disk decides what one commit costs."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count() or 0,
        "load_before": round(os.getloadavg()[0], 2),
        "flush_ms": round(_flush_ms(folder), 3),
    }


def write(file: Path, rows: Sequence[Row], about: Mapping[str, object]) -> None:
    """The folder ignores itself in git: figures belong to a machine, not to the project."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.parent.name == ".bench":
        (file.parent / ".gitignore").write_text("*\n")
    plain = [{**msgspec.to_builtins(row), "verdicts": row.verdicts} for row in rows]
    file.write_text(json.dumps({**about, "rows": plain}, indent=2, ensure_ascii=False) + "\n")


def _flush_ms(folder: Path) -> float:
    file = folder / "flush"
    with file.open("wb") as out:
        started = time.perf_counter()
        for _ in range(FLUSHES):
            out.write(bytes(8_192))
            out.flush()
            os.fdatasync(out.fileno())
        elapsed = time.perf_counter() - started
    file.unlink()
    return elapsed / FLUSHES * 1_000

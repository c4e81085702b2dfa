"""Figures beside what was promised of them, and where they come from."""

import json
import os
import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

FLUSHES = 200


class Limit(Struct, frozen=True):
    """A promise about one figure."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        if self.at_least is not None and self.at_least == self.at_most:
            return f"{self.figure} = {shown(self.at_least)}"
        sign, bound = ("≥", self.at_least) if self.at_least is not None else ("≤", self.at_most)
        assert bound is not None, "a limit has a bound"
        return f"{self.figure} {sign} {shown(bound)}"

    def holds(self, value: float) -> bool:
        if self.at_least is not None and value < self.at_least:
            return False
        return self.at_most is None or value <= self.at_most


def shown(value: float) -> str:
    """Three figures that count, no more than a noisy machine can give."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


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


def keep(file: Path, figures: Mapping[str, object]) -> None:
    """As JSON. A hidden folder hides from git: figures belong to a machine, not to the project."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.parent.name.startswith("."):
        (file.parent / ".gitignore").write_text("*\n")
    file.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")


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

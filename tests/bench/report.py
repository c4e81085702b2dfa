"""What was measured, beside what was promised: one table for people, one file for programs."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.table import Table

from tests.measured import Limit, keep, shown


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


def write(file: Path, rows: Sequence[Row], about: Mapping[str, object]) -> None:
    plain = [{**msgspec.to_builtins(row), "verdicts": row.verdicts} for row in rows]
    keep(file, {**about, "rows": plain})

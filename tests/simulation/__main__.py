"""`python -m tests.simulation`: plays one seed again, or ever new ones for some minutes."""

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from itertools import count
from secrets import randbelow
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tests.simulation.run import Run, run
from tests.simulation.weather import FAULTS

FIRST_SEEDS = 1_000_000_000  # a soak begins anywhere below, so that each has seeds of its own


def main() -> None:
    asked = _asked()
    console = Console(soft_wrap=True, highlight=False)
    if asked.seed is not None:
        sys.exit(_replayed(asked.seed, asked.trace, console))
    sys.exit(_soaked(asked.minutes * 60, console))


def _replayed(seed: int, trace: bool, console: Console) -> int:
    played = run(seed)
    if trace:
        console.print("\n".join(played.story), markup=False)
    console.print(played.report() if played.broken else _praise([played]), markup=False)
    return 1 if played.broken else 0


def _soaked(seconds: float, console: Console) -> int:
    """Ends at the first promise that is broken."""
    played: list[Run] = []
    with Progress(
        TextColumn("simulating"), BarColumn(), TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(), console=console,
    ) as progress:  # fmt: skip
        bar = progress.add_task("", total=seconds, said="")
        for one, spent in _until(seconds):
            played.append(one._replace(story=[]))
            progress.update(bar, completed=spent, said=f"seed {one.seed}, {len(played)} runs")
            if one.broken:
                break
    console.print(one.report() if one.broken else _praise(played), markup=False)
    return 1 if one.broken else 0


def _until(seconds: float) -> Iterator[tuple[Run, float]]:
    started = monotonic()
    for seed in count(randbelow(FIRST_SEEDS)):
        yield run(seed), monotonic() - started
        if monotonic() - started > seconds:
            return


def _praise(played: list[Run]) -> str:
    struck = sum((Counter(one.struck) for one in played), Counter[str]())
    answers = sum(one.answers for one in played)
    lines = [f"{struck[name]:9,}  {name}: {fault.what}" for name, fault in FAULTS.items()]
    return "\n".join([f"{len(played):,} runs, {answers:,} answers, no promise broken in", *lines])


def _asked() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one")
    parser.add_argument("--trace", action="store_true", help="tell its whole story")
    parser.add_argument("--minutes", type=float, default=1.0, help="play ever new ones so long")
    return parser.parse_args()


if __name__ == "__main__":
    main()

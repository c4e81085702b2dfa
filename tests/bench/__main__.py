"""`python -m tests.bench`: measures on this machine what the product promises."""

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from tests.bench import (
    append,
    backfill,
    catchup,
    clock,
    cold_start,
    customers,
    gate,
    memory,
    merges,
    reads,
    resolution,
    segments,
    unsubscribe,
    webhooks,
    wrk,
)
from tests.bench.place import Bench
from tests.bench.report import Row, table, write
from tests.measured import machine
from tests.places import forget_settings, scratch

PARTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    part.PART: part.measure
    for part in (
        *(webhooks, resolution, append, backfill, gate, unsubscribe),
        *(catchup, cold_start, reads, customers, merges, clock, segments, memory),
    )
}
NARROWEST = 140  # columns; squeezed into less, a table is hard to read


def main() -> None:
    asked = _asked()
    wrk.require()
    forget_settings()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that servers are stopped
    console = Console(width=max(Console().width, NARROWEST))
    with scratch("c360-bench-") as folder:
        about = {"quick": asked.quick, **machine(folder)}
        rows: list[Row] = []
        try:
            for name in asked.only:
                console.print(f"[bold]{name}")
                rows.extend(PARTS[name](Bench(asked.quick, folder, console)))
        finally:  # what was measured before an error is told all the same
            console.print(table(rows, ", ".join(f"{name} {v}" for name, v in about.items())))
            write(asked.json, rows, about)
            console.print(f"written to {asked.json}")


def _asked() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__)
    known, which = list(PARTS), ", ".join(PARTS)
    parser.add_argument("--only", type=_parts, default=known, metavar="A,B", help=which)
    parser.add_argument("--quick", action="store_true", help="Little of everything: does it work?")
    parser.add_argument("--json", type=Path, default=Path(".bench/latest.json"), metavar="FILE")
    return parser.parse_args()


def _parts(given: str) -> list[str]:
    named = given.split(",")
    if unknown := set(named) - PARTS.keys():
        raise ArgumentTypeError(f"no part is called {', '.join(sorted(unknown))}")
    return named


if __name__ == "__main__":
    main()

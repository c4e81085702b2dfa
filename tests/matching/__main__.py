"""`python -m tests.matching`: precision and recall of who is asked to be the same person."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.progress import track

from aggregates.matching.weights import LEARNT
from tests.matching.drawing import plot, table, weights
from tests.matching.judging import Point, curve, scored
from tests.matching.labelled import (
    SETS,
    WITHOUT_DATA,
    Candidates,
    Labelled,
    Pair,
    candidates,
    read,
)
from tests.matching.learning import learnt, sample


def main() -> None:
    asked, console = _asked(), Console()
    sets = [read(file) for file in asked.sets]
    ours = {f"weights learnt from {one.name}": _learnt(console, one) for one in sets}
    console.print(weights(ours))
    curves = dict[str, list[Point]]()
    for one in sets:
        others = {name: bits for name, bits in ours.items() if not name.endswith(f" {one.name}")}
        curves |= _judged(console, one, {"the product's weights": LEARNT, **others})
    console.print(plot(curves), markup=False, highlight=False)


def _asked() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.matching", description=__doc__)
    about = "CSV files in the form of FEBRL's; each is judged by the weights of the others"
    parser.add_argument("sets", nargs="*", type=Path, default=SETS, metavar="FILE", help=about)
    found = parser.parse_args()
    if missing := [str(file) for file in found.sets if not file.is_file()]:
        parser.error(f"no such file: {', '.join(missing)}; {WITHOUT_DATA}")
    return found


def _learnt(console: Console, people: Labelled) -> dict[str, float]:
    pairs = list(sample(people))
    return learnt(people, _shown(console, pairs, f"learning from {people.name}"))


def _judged(
    console: Console, people: Labelled, by: Mapping[str, Mapping[str, float]]
) -> dict[str, list[Point]]:
    found = candidates(people.people)
    console.print(f"\n{_looked_up(people, found)}", highlight=False)
    curves = dict[str, list[Point]]()
    for name, bits in by.items():
        began = time.perf_counter()
        scores = scored(people, _shown(console, found.pairs, "comparing"), bits)
        seconds = time.perf_counter() - began
        console.print(f"{name}: {len(scores):,} pairs compared in {seconds:.1f} s")
        curves[f"{people.name} by {name}"] = curve(people, scores)
        console.print(table(curves[f"{people.name} by {name}"]))
    return curves


def _looked_up(people: Labelled, found: Candidates) -> str:
    count, kept = len(people.people), len(found.pairs & people.same) / len(people.same)
    return (
        f"{people.name}: {count:,} people, {len(people.same):,} pairs of them one person.\n"
        f"{len(found.pairs):,} pairs share a key, {len(found.pairs) / count:.2f} for each person, "
        f"and {kept:.4f} of the right ones are among them.\n"
        f"The fullest key is shared by {found.fullest} people."
    )


def _shown(console: Console, pairs: Iterable[Pair], doing: str) -> Iterable[Pair]:
    return track(list(pairs), doing, console=console)


if __name__ == "__main__":
    main()

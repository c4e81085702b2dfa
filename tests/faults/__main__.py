"""`python -m tests.faults`: breaks a running product and says what it survived."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.faults.report import Finding
from tests.faults.results import FOLDER, Results
from tests.faults.stage import Scenario, Skipped, Stage, names, scenario, started_when_asked
from tests.measured import machine
from tests.places import forget_settings, scratch

NARROWEST = 140  # columns; squeezed into less, a table is hard to read


class Shown:
    """A bar for the scenarios, one below it for the rounds of the scenario under way."""

    def __init__(self, progress: Progress, scenarios: int) -> None:
        self._progress = progress
        self._all = progress.add_task("scenarios", total=scenarios)
        self._one = progress.add_task("", total=None)

    def starts(self, name: str) -> None:
        self._progress.reset(self._one, description=name, total=None)

    def ends(self) -> None:
        self._progress.advance(self._all)

    def began(self, rounds: int) -> None:
        self._progress.reset(self._one, total=rounds)

    def finished_round(self) -> None:
        self._progress.advance(self._one)

    def heard(self, text: str) -> None:
        self._progress.console.print(f"  {text}", style="dim", highlight=False)


def main() -> None:
    asked = _asked(names())
    console = Console(width=max(Console().width, NARROWEST))
    if asked.list:
        for name in asked.only:
            console.print(f"[bold]{name}[/]\n{scenario(name).about}", highlight=False)
        return
    forget_settings()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that servers are stopped
    fit = _run([scenario(name) for name in asked.only], asked.quick, asked.folder, console)
    sys.exit(0 if fit else 1)


def _run(chosen: Sequence[Scenario], quick: bool, folder: Path, console: Console) -> bool:
    """Whether every limit was met. Raises in the end what made scenarios break off."""
    results, errors = Results(folder, "quick" if quick else "latest"), []
    with scratch("c360-faults-") as scene, _progress(console) as progress:
        about = {"quick": quick, **machine(scene)}
        shown = Shown(progress, len(chosen))
        for one in chosen:
            shown.starts(one.name)
            try:
                results.add(one.name, _findings(one, quick, scene / one.name, shown), about)
            except Exception as error:  # noqa: BLE001 - the others have findings of their own
                errors.append(error)
                shown.heard(f"{one.name} broke off: {error!r}")
            shown.ends()
        progress.console.print(results.table())
        if errors:
            raise ExceptionGroup("scenarios that broke off", errors)
    return results.fit


def _findings(scenario: Scenario, quick: bool, folder: Path, shown: Shown) -> list[Finding]:
    folder.mkdir(mode=0o711)
    with started_when_asked(folder) as place:
        try:
            return scenario.run(Stage(folder, quick, shown, place))
        except Skipped as reason:
            shown.heard(f"{scenario.name} is skipped: {reason}")
            return []


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _asked(known: list[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.faults", description=__doc__)
    which = ", ".join(known)
    parser.add_argument(
        "--only", nargs="+", choices=known, default=known, metavar="NAME", help=which
    )
    parser.add_argument("--quick", action="store_true", help="The short form that tests run.")
    parser.add_argument("--list", action="store_true", help="What there is, and why it holds.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="Where results are written.")
    return parser.parse_args()


if __name__ == "__main__":
    main()

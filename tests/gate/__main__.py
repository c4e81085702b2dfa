"""`python -m tests.gate --profiles 10000`: a year of messages to each, against the slow gate."""

import sys
from argparse import ArgumentParser
from collections import Counter

from rich.console import Console
from rich.progress import track

from tests.gate.replay import Wrong, Year


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.gate", description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000)
    parser.add_argument("--first-seed", type=int, default=0)
    asked = parser.parse_args()
    console, answers = Console(highlight=False), Counter[str]()
    seeds = range(asked.first_seed, asked.first_seed + asked.profiles)
    for seed in track(seeds, "replaying", console=console):
        year = Year(seed)
        try:
            year.play()
        except Wrong as wrong:
            console.print(f"seed {seed}: {wrong}", markup=False)
            sys.exit(1)
        answers += year.answers
    told = ", ".join(f"{number:,} {name}" for name, number in answers.most_common())
    console.print(f"{answers.total():,} decisions, none wrong: {told}")


if __name__ == "__main__":
    main()

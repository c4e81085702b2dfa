"""Writes the golden files that are missing, for events that are new:

    python -m tests.aggregates.log.write_golden

Add a sample of the event to `samples.py` first. Files that exist are never written again.
"""

import sys

from tests.aggregates.log import golden
from tests.aggregates.log.samples import SAMPLES


def main() -> None:
    golden.FOLDER.mkdir(exist_ok=True)
    for event in SAMPLES:
        try:
            file = golden.write(event)
        except FileExistsError:
            continue
        sys.stdout.write(f"written: {file.name}\n")


if __name__ == "__main__":
    main()

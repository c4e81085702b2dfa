"""From `c360 serve` to its ready line, on a folder with data and on an empty one."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from api.serve import background_server
from tests.bench.backfill import load, write
from tests.bench.deliveries import orders
from tests.bench.place import Bench, deployment, settings_in
from tests.bench.report import Row
from tests.measured import Limit

PART = "cold-start"
PROMISED = (Limit("seconds", at_most=15),)


def measure(bench: Bench) -> Iterator[Row]:
    turns = bench.fewer(3, 1)
    folder = bench.folder / PART
    empty = [_start_s(folder / f"empty-{turn}") for turn in range(turns)]
    yield Row(PART, "an empty folder", _figures(empty), PROMISED)
    _fill(bench, folder / "filled")
    filled = [_start_s(folder / "filled") for _ in range(turns)]
    yield Row(PART, "a folder with data", _figures(filled), PROMISED)


def _fill(bench: Bench, data_dir: Path) -> None:
    file = data_dir.with_suffix(".ndjson")
    write(file, orders(bench.fewer(5_000, 500), 1_000, seed=900_002))
    with deployment(data_dir) as ours:
        load(ours, file)


def _start_s(data_dir: Path) -> float:
    started = time.perf_counter()
    with background_server(settings_in(data_dir)):
        return time.perf_counter() - started


def _figures(seconds: list[float]) -> dict[str, float]:
    return {"seconds": median(seconds), "slowest": max(seconds)}

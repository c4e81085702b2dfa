"""Whether something grows: straight lines through what was measured again and again."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import linear_regression, median
from typing import TypeVar

from msgspec import Struct

from tests.faults.samples import Samples

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 48  # of a chart, in characters
PER_MIN = 60.0
FEWEST = 6  # values of which a trend can be told
T = TypeVar("T")


class Trend(Struct, frozen=True):
    """Of one process, over the time in which its size should not change any more."""

    name: str
    at: tuple[float, ...]
    own_mb: tuple[float, ...]
    descriptors: tuple[int, ...]

    @property
    def mb_per_min(self) -> float:
        return linear_regression(self.at, self.own_mb).slope * PER_MIN

    @property
    def more_descriptors(self) -> int:
        """At most in the last third, beside the first."""
        first, last = thirds(self.descriptors)
        return max(last) - max(first)

    def __str__(self) -> str:
        first, last = self.own_mb[0], self.own_mb[-1]
        return (
            f"{self.name:18} {chart(self.own_mb)} {first:5.0f} → {last:.0f} MB,"
            f" {self.mb_per_min:+.2f} MB/min, {self.descriptors[-1]} descriptors"
        )


def trends(seen: Sequence[Samples], settled_at: float) -> list[Trend]:
    """Of each process that lived from `settled_at` to the end."""
    later = [found for found in seen if all(sample.at >= settled_at for sample in found.values())]
    lasting = set.intersection(*(set(found) for found in later)) if later else set()
    return [_trend(name, later) for name in sorted(lasting) if len(later) >= FEWEST]


def _trend(name: str, seen: Iterable[Samples]) -> Trend:
    at, own_mb, descriptors = zip(*(found[name] for found in seen), strict=True)
    return Trend(name, at, own_mb, descriptors)


def drift(values: Sequence[float]) -> float:
    """How much more half of the last third is than half of the first, as a share of that."""
    first, last = thirds(values)
    return median(last) / median(first) - 1


def thirds(values: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """The first and the last."""
    third = max(1, len(values) // 3)
    return values[:third], values[-third:]


def chart(values: Sequence[float]) -> str:
    """From the smallest to the greatest value in eight steps; differences below 1 look flat."""
    step = max(1, -(-len(values) // WIDTH))
    shown = [max(values[at : at + step]) for at in range(0, len(values), step)]
    low, high = min(shown), max(shown)
    height = max(high - low, 1.0)
    return "".join(BLOCKS[round((value - low) / height * (len(BLOCKS) - 1))] for value in shown)


def figures(found: Iterable[Trend]) -> Mapping[str, object]:
    """As JSON has them."""
    return {
        trend.name: {
            "seconds": [round(at - trend.at[0], 1) for at in trend.at],
            "own MB": [round(value, 1) for value in trend.own_mb],
            "descriptors": trend.descriptors,
            "MB/min": round(trend.mb_per_min, 3),
        }
        for trend in found
    }

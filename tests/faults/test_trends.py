"""A leak is told from noise, however small it is."""

import pytest

from api.demo.seeds import chance
from tests.faults.samples import Sample, Samples
from tests.faults.trends import BLOCKS, Trend, chart, drift, trends

EVERY_S = 10.0
MINUTES = 20


def sampled(leak_mb_per_min: float = 0.0, leaked_descriptors: int = 0) -> list[Samples]:
    """A process that breathes by some megabytes, and another that ends halfway."""
    dice = chance("trends", 7)
    number = int(MINUTES * 60 / EVERY_S)
    seen: list[Samples] = []
    for nth in range(number):
        at = 1_000 + nth * EVERY_S
        own_mb = 110 + dice.uniform(-3, 3) + leak_mb_per_min * nth * EVERY_S / 60
        descriptors = 40 + dice.randrange(4) + leaked_descriptors * nth // number
        seen.append({"host 1": Sample(at, own_mb, descriptors)})
        if nth < number / 2:
            seen[-1]["postgres 2"] = Sample(at, 9.0, 12)
    return seen


def found(seen: list[Samples]) -> Trend:
    (trend,) = trends(seen, settled_at=0.0)
    return trend


def test_what_only_breathes_does_not_grow() -> None:
    trend = found(sampled())
    assert abs(trend.mb_per_min) < 0.2
    assert trend.more_descriptors < 4


@pytest.mark.parametrize("leak", [1.5, 4.0])
def test_a_leak_shows_as_what_it_is_a_minute(leak: float) -> None:
    assert found(sampled(leak_mb_per_min=leak)).mb_per_min == pytest.approx(leak, abs=0.2)


def test_descriptors_that_are_never_closed_show() -> None:
    assert found(sampled(leaked_descriptors=60)).more_descriptors > 30


def test_growth_before_everything_has_settled_does_not_count() -> None:
    seen = sampled()
    for nth in range(30):
        seen[nth]["host 1"] = Sample(1_000 + nth * EVERY_S, 50 + 2.0 * nth, 40)
    settled_at = 1_000 + 30 * EVERY_S
    (trend,) = trends(seen, settled_at)
    assert abs(trend.mb_per_min) < 0.2


def test_too_few_samples_tell_nothing() -> None:
    assert trends(sampled()[:3], settled_at=0.0) == []


def test_drift_compares_the_end_with_the_beginning() -> None:
    assert drift([10, 11, 10, 12, 12, 12, 15, 15, 14]) == pytest.approx(0.5)
    assert drift([10, 90, 10, 12, 12, 12, 10, 10, 70]) == pytest.approx(0.0)


def test_a_chart_rises_where_the_values_do() -> None:
    rising = chart([float(value) for value in range(500)])
    assert (rising[0], rising[-1]) == (BLOCKS[0], BLOCKS[-1])
    assert sorted(rising) == list(rising)
    assert set(chart([100.0, 100.2, 99.9])) <= set(BLOCKS[:4])

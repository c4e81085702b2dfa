"""Windows that make no sense are refused when they are set."""

import msgspec
import pytest

from aggregates.shop.lifecycle_rules import LifecycleRules


@pytest.mark.parametrize(
    "said", ['{"at_risk_days":0}', '{"at_risk_days":90}', '{"churned_days":1}']
)
def test_windows_that_make_no_sense_are_refused(said: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(said, type=LifecycleRules)


def test_a_window_that_is_not_set_is_the_usual_one() -> None:
    assert msgspec.json.decode('{"at_risk_days":45}', type=LifecycleRules) == LifecycleRules(45, 90)

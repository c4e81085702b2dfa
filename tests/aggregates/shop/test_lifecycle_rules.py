"""Windows that make no sense are refused when they are set."""

import msgspec
import pytest

from aggregates.shop.lifecycle_rules import LifecycleRules
from aggregates.shop.settings import Settings, contradictions


def test_a_window_has_at_least_a_day() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode('{"at_risk_days":0}', type=LifecycleRules)


@pytest.mark.parametrize("rules", [LifecycleRules(90), LifecycleRules(churned_days=1)])
def test_nobody_is_churned_before_being_at_risk(rules: LifecycleRules) -> None:
    assert [field for field, _ in contradictions(Settings(lifecycle=rules))] == [
        "lifecycle.at_risk_days"
    ]


def test_a_window_that_is_not_set_is_the_usual_one() -> None:
    assert msgspec.json.decode('{"at_risk_days":45}', type=LifecycleRules) == LifecycleRules(45, 90)

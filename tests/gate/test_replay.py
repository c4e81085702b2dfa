"""Nothing passes that should not, nothing is blocked that need not be: a year for each of many."""

from collections import Counter

import pytest
from msgspec.structs import replace

from tests.gate import replay
from tests.gate.replay import Wrong, Year

PROFILES = 200


def test_a_years_messages_pass_and_stop_as_the_slow_gate_says() -> None:
    answers = _play(PROFILES)
    assert answers.keys() == {
        "allowed", "daily_cap_reached", "channel_cap_reached", "fatigue", "quiet_hours",
    }  # fmt: skip
    assert min(answers.values()) > PROFILES


@pytest.mark.parametrize("change", [{"daily_cap": 4}, {"fatigue_threshold": 0.8}])
def test_the_slow_gate_would_notice(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, float]
) -> None:
    """A gate that goes by other rules than it says."""
    honest = replay.decide
    monkeypatch.setattr(
        replay,
        "decide",
        lambda profile, command, context: honest(
            profile, command, replace(context, messaging=replace(context.messaging, **change))
        ),
    )
    with pytest.raises(Wrong):
        _play(PROFILES)


def _play(profiles: int) -> Counter[str]:
    """What the gate answered in all of their years."""
    answers: Counter[str] = Counter()
    for seed in range(profiles):
        year = Year(seed)
        year.play()
        answers += year.answers
    return answers

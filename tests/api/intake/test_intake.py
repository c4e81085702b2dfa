"""Whatever bytes come, they become a signal or a problem that says what is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.signals import Signal
from aggregates.shop.identity_rules import IdentityRules
from api.choices import choices
from api.errors import Problem
from api.intake import command as intake
from api.intake import pixel
from api.intake.command import KINDS, Caller
from tests.api.sentences import NOW

RULES = IdentityRules()
CALLER = Caller(1, "key:c360_live_x", NOW, RULES)
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
TEXTS = st.sampled_from(["2026-11-20T10:00:00Z", "1.50", "EUR", "a@b.example", "online", "1"])
VALUES = st.recursive(
    LEAF | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
MONEY = st.fixed_dictionaries({"amount": TEXTS, "currency": TEXTS})


@st.composite
def commands(draw: st.DrawFn) -> bytes:
    """Objects that are almost commands."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    fields = KINDS[kind].__struct_fields__
    members = draw(st.dictionaries(st.sampled_from(fields), VALUES | MONEY))
    whole: dict[str, Any] = {
        "type": kind,
        "id": "1",
        "profile": {"email": "a@b.example"},
        **members,
    }
    whole |= draw(st.dictionaries(st.sampled_from(["id", "profile", "occurred_at"]), VALUES))
    return json.dumps(whole).encode()


def taken(read: Any, raw: bytes) -> None:
    try:
        signal = read(raw)
    except Problem as problem:
        status = problem.status
    else:
        status = 200 if isinstance(signal, Signal) else 500
    assert status in (200, 400, 422)


@given(commands() | st.binary(max_size=50) | VALUES.map(json.dumps).map(str.encode))
def test_nothing_but_signals_and_problems(raw: bytes) -> None:
    taken(lambda raw: intake.signal_of(raw, CALLER), raw)
    taken(lambda raw: pixel.signal_of(raw, 1, NOW, RULES), raw)


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("RecordOrder", "channel", {"online", "pos", "marketplace"}),
        ("SetAddress", "kind", {"shipping", "billing", "letter"}),
        ("RecordOrder", "items[0].nothing", set()),
    ],
)
def test_the_choices_of_a_field_are_told(kind: str, path: str, expected: set[str]) -> None:
    assert set(choices(KINDS[kind], path)) == expected

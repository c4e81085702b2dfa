"""A shop's settings: what changed is an event, and what was not spoken of stays."""

from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregates.shop.identity_rules import ROLE_NAMES, Alarms, IdentityRules, Limits
from aggregates.shop.messaging_rules import MessagingRules
from aggregates.shop.quiet_hours import Entry, QuietHours, RegionHours, Weekday
from aggregates.shop.settings import (
    Change,
    ChangeSettings,
    Settings,
    SettingsChanged,
    decide,
    evolve,
    fold,
)

LIMITS = st.builds(Limits, email=st.integers(1, 9), phone=st.integers(1, 9))
ALARMS = st.builds(Alarms, phone=st.integers(2, 9))
VALUES = st.frozensets(st.sampled_from(["till@x.example", "*@x.example", "+4930123456"]))
HOURS = st.builds(
    RegionHours,
    start=st.sampled_from([None, "20:00", "22:00"]),
    days=st.sampled_from([None, frozenset(), frozenset({"sunday", "monday"})]),
    dates=st.none() | st.frozensets(st.sampled_from(["12-25", "2026-12-26"])),
)
REGIONS = st.dictionaries(st.sampled_from(["FR", "US", "US-FL"]), HOURS)
SETTINGS = st.builds(
    Settings,
    identity=st.builds(
        IdentityRules,
        limits=LIMITS,
        alarms=ALARMS,
        blocked=VALUES,
        role_names=st.frozensets(st.sampled_from(["info", "till"])),
        gmail_equal=st.booleans(),
        country=st.sampled_from([None, "DE", "AT"]),
    ),
    messaging=st.builds(MessagingRules, quiet_hours=st.builds(QuietHours, regions=REGIONS)),
)


class Given(NamedTuple):
    history: tuple[SettingsChanged, ...]

    def when(self, wanted: Settings, reason: str | None = None) -> "Then":
        return Then(tuple(decide(fold(self.history), ChangeSettings(wanted, reason))))


class Then(NamedTuple):
    events: tuple[SettingsChanged, ...]

    def then(self, *expected: SettingsChanged) -> None:
        assert self.events == expected


def given(*history: SettingsChanged) -> Given:
    return Given(history)


def rules(**members: object) -> Settings:
    return Settings(identity=replace(IdentityRules(), **members))


FEWER = SettingsChanged((Change("identity.limits.email", 5, 2),))


def test_a_change_names_the_member_and_nothing_else() -> None:
    given().when(rules(limits=Limits(email=2))).then(FEWER)


def test_what_is_so_already_is_no_change() -> None:
    given().when(Settings()).then()
    given(FEWER).when(rules(limits=Limits(email=2)), "to be sure").then()


def test_the_reason_is_kept() -> None:
    reason = "our customers have one address"
    given().when(rules(limits=Limits(email=2)), reason).then(replace(FEWER, reason=reason))


def test_several_changes_are_one_event_in_the_order_of_their_names() -> None:
    given(FEWER).when(rules(country="DE", alarms=Alarms(phone=9))).then(
        SettingsChanged(
            (
                Change("identity.alarms.phone", 3, 9),
                Change("identity.country", None, "DE"),
                Change("identity.limits.email", 2, 5),
            )
        )
    )


def test_of_a_set_only_what_went_and_what_came_is_told() -> None:
    blocked = SettingsChanged((Change("identity.blocked", (), ("a@x.example", "b@x.example")),))
    given(blocked).when(rules(blocked=frozenset({"b@x.example", "c@x.example"}))).then(
        SettingsChanged((Change("identity.blocked", ("a@x.example",), ("c@x.example",)),))
    )
    offices = SettingsChanged((Change("identity.role_names", (), ("till",)),))
    given().when(rules(role_names=ROLE_NAMES | {"till"})).then(offices)


def quiet(**regions: RegionHours) -> Settings:
    return Settings(messaging=MessagingRules(quiet_hours=QuietHours(regions={**regions})))


def test_the_hours_of_a_region_come_change_and_go_as_a_whole() -> None:
    field = "messaging.quiet_hours.regions.FR"
    early: Entry = {"end": "08:00", "days": ("monday", "sunday")}
    came = SettingsChanged((Change(field, None, early),))
    days: frozenset[Weekday] = frozenset({"sunday", "monday"})
    given().when(quiet(FR=RegionHours(end="08:00", days=days))).then(came)
    given(came).when(quiet(FR=RegionHours(end="08:00", days=days))).then()
    later = SettingsChanged((Change(field, early, {"end": "09:00"}),))
    given(came).when(quiet(FR=RegionHours(end="09:00"))).then(later)
    gone = SettingsChanged((Change(field, {"end": "09:00"}, None),))
    given(came, later).when(quiet()).then(gone)
    assert fold([came, later, gone]) == Settings()


def test_a_setting_this_version_does_not_know_is_passed_over() -> None:
    later = SettingsChanged(
        (Change("weather.rain", False, True), Change("identity.limits.pigeons", 1, 2))
    )
    assert fold([later, FEWER]) == rules(limits=Limits(email=2))


def test_what_was_once_allowed_is_still_read() -> None:
    beyond = SettingsChanged((Change("identity.limits.email", 5, 1_000_000),))
    assert fold([beyond]).identity.limits.email == 1_000_000


@pytest.mark.parametrize(
    "event",
    [FEWER, SettingsChanged((Change("identity.blocked", (), ("a",)),)),
     SettingsChanged((Change("identity.country", None, "DE"),), "we dial from there"),
     SettingsChanged((Change("messaging.quiet_hours.regions.FR", None, {"days": ("sunday",)}),))],
)  # fmt: skip
def test_an_event_comes_back_as_it_went(event: SettingsChanged) -> None:
    written = msgspec.json.encode(event)
    assert b'"type":"shop.settings_changed"' in written
    assert msgspec.json.decode(written, type=SettingsChanged) == event


@for_any(SETTINGS, SETTINGS)
def test_what_was_decided_is_what_was_wanted(before: Settings, wanted: Settings) -> None:
    events = list(decide(before, ChangeSettings(wanted)))
    assert len(events) == (before != wanted)
    for event in events:
        assert evolve(before, event) == wanted
        back = [Change(c.field, c.after, c.before) for c in event.changes]
        assert evolve(wanted, SettingsChanged(tuple(back))) == before


@for_any(SETTINGS, SETTINGS, SETTINGS)
def test_changes_of_different_members_do_not_undo_each_other(
    before: Settings, one: Settings, other: Settings
) -> None:
    limits = replace(before, identity=replace(before.identity, limits=one.identity.limits))
    blocked = replace(before, identity=replace(before.identity, blocked=other.identity.blocked))
    first = [*decide(before, ChangeSettings(limits))]
    second = [*decide(before, ChangeSettings(blocked))]

    def after(*events: SettingsChanged) -> Settings:
        state = before
        for event in events:
            state = evolve(state, event)
        return state

    identity = replace(limits.identity, blocked=other.identity.blocked)
    both = replace(before, identity=identity)
    assert after(*first, *second) == after(*second, *first) == both

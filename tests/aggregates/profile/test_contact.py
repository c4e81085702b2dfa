"""Contact details and tags, as last heard."""

import pytest
from msgspec.structs import replace

from aggregates.profile.decide import Command
from aggregates.profile.decisions.contact import (
    AddTags,
    RemoveTags,
    SetAddress,
    SetContact,
    SetTimeZone,
)
from aggregates.profile.events.contact import (
    Address,
    Contact,
    Given,
    TagsAdded,
    TagsRemoved,
    TagsReplaced,
    detail,
    tags_of,
)
from aggregates.profile.source import Source
from tests.aggregates.profile.signals import HOUR, MINUTE, Signal, after, heard, said
from tests.given import CONTEXT, NOON, given

HOME = Address(line1="1 Main St", city="Bath", country="GB")


def contact_after(*commands: Command) -> Contact:
    return after(*commands).contact


def test_details_are_given() -> None:
    given().when(SetContact(first_name="Ada", locale="en-GB", shipping=HOME)).then(
        Given(first_name="Ada", locale="en-GB", shipping=HOME)
    )


def test_an_email_is_kept_as_it_is_in_its_normal_form() -> None:
    given().when(SetContact(email="ada@mail.example")).then(Given(email="ada@mail.example"))


@pytest.mark.parametrize("email", ["ada", "Ada@mail.example", "ﬃ" * 200 + "@lane.shop"])
def test_an_email_that_is_malformed_or_not_in_its_normal_form_is_rejected(email: str) -> None:
    given().when(SetContact(email=email)).then_rejected("malformed_email")


def test_blanks_around_a_name_are_dropped() -> None:
    given().when(SetContact(first_name="  Ada  B. ", last_name=" ")).then(
        Given(first_name="Ada B.")
    )


def test_nothing_given_is_nothing_said() -> None:
    given().when(SetContact()).then_nothing()


def test_only_news_is_recorded() -> None:
    given(Given(first_name="Ada")).when(SetContact(first_name="Ada", last_name="King")).then(
        Given(last_name="King")
    )


def test_a_later_repeat_is_recorded() -> None:
    given(Given(first_name="Ada")).when(SetContact(first_name="Ada"), NOON + HOUR).then(
        Given(first_name="Ada")
    )


def test_older_news_does_not_win() -> None:
    signals = said(SetContact(first_name="Ada"), SetContact(first_name="Eda"))
    assert detail(heard(signals[::-1]).contact, "first_name") == "Eda"


def test_at_one_moment_the_more_trusted_source_wins() -> None:
    pixel = replace(CONTEXT, source=Source("pixel"))
    signals = [(SetContact(first_name="Ada"), CONTEXT), (SetContact(first_name="Zoe"), pixel)]
    assert detail(heard(signals).contact, "first_name") == "Ada"
    assert detail(heard(signals[::-1]).contact, "first_name") == "Ada"


def test_every_email_ever_given_is_remembered() -> None:
    contact = contact_after(SetContact(email="a@x.io"), SetContact(email="b@x.io"))
    assert contact.emails == {"a@x.io", "b@x.io"}
    assert detail(contact, "email") == "b@x.io"


def test_an_address_is_given() -> None:
    given().when(SetAddress("billing", HOME)).then(Given(billing=HOME))
    given(Given(billing=HOME)).when(SetAddress("billing", HOME)).then_nothing()
    given(Given(billing=HOME)).when(SetAddress("letter", HOME)).then(Given(letter=HOME))


def test_a_time_zone_is_given() -> None:
    given().when(SetTimeZone("Europe/Berlin")).then(Given(time_zone="Europe/Berlin"))


def test_tags_are_replaced_as_a_whole() -> None:
    given().when(SetContact(tags=("vip", "b2b", "vip"))).then(TagsReplaced(("b2b", "vip")))
    given(TagsReplaced(("vip",))).when(SetContact(tags=())).then(TagsReplaced(()))
    given(TagsReplaced(("vip",))).when(SetContact(tags=("vip",))).then_nothing()


def test_tags_are_added_and_removed() -> None:
    given().when(AddTags(("vip", "b2b"))).then(TagsAdded(("b2b", "vip")))
    given(TagsAdded(("vip",))).when(AddTags(("vip", "b2b"))).then(TagsAdded(("b2b",)))
    given(TagsAdded(("vip",))).when(RemoveTags(("vip",)), NOON + MINUTE).then(TagsRemoved(("vip",)))


@pytest.mark.parametrize(
    ("commands", "standing"),
    [
        ([AddTags(("vip",))], {"vip"}),
        ([AddTags(("vip",)), RemoveTags(("vip",))], set()),
        ([RemoveTags(("vip",)), AddTags(("vip",))], {"vip"}),
        ([SetContact(tags=("b2b",)), AddTags(("vip",))], {"b2b", "vip"}),
        ([SetContact(tags=("b2b",)), RemoveTags(("b2b",))], set()),
        ([AddTags(("vip",)), SetContact(tags=("b2b",))], {"b2b"}),
        ([RemoveTags(("b2b",)), SetContact(tags=("b2b",))], {"b2b"}),
    ],
)
def test_the_newest_word_on_a_tag_stands(commands: list[Command], standing: set[str]) -> None:
    signals = said(*commands)
    assert tags_of(heard(signals).contact) == standing
    assert tags_of(heard(signals[::-1]).contact) == standing


def test_at_one_moment_the_whole_set_of_tags_stands() -> None:
    signals: list[Signal] = [(SetContact(tags=("b2b",)), CONTEXT), (AddTags(("vip",)), CONTEXT)]
    assert tags_of(heard(signals).contact) == {"b2b"}
    assert tags_of(heard(signals[::-1]).contact) == {"b2b"}

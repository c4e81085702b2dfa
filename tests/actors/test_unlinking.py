"""A wrong identifier is taken away: what comes by it later does not come here."""

from aggregates.profile.decisions.identity import LinkIdentifier, UnlinkIdentifier
from tests.actors.merges import Town
from tests.actors.shopping import known, named, order, signal

(MAIL,) = known(email="ada@mail.example")
(WRONG,) = known(email="eva@mail.example")


def ada_with_a_wrong_address(town: Town) -> str:
    return str(town.send(signal(order("1"), by=[MAIL, WRONG])).profile_id)


def unlinked(town: Town) -> None:
    town.send(signal(UnlinkIdentifier("email", WRONG.value, "mistyped"), by=[MAIL]))


def test_its_later_events_go_elsewhere() -> None:
    town = Town()
    ada = ada_with_a_wrong_address(town)
    unlinked(town)
    eva = town.send(signal(order("2"), by=[WRONG])).profile_id
    assert str(eva) != ada
    town.holds()


def test_seen_with_her_again_it_is_noted_and_not_linked() -> None:
    town = Town()
    ada_with_a_wrong_address(town)
    unlinked(town)
    again = town.send(signal(named("Ada"), by=[MAIL, WRONG]))
    assert "identity.demoted" in again.events
    assert "identity.linked" not in again.events
    town.holds()


def test_what_was_taken_away_by_hand_comes_back_by_hand() -> None:
    town = Town()
    ada = ada_with_a_wrong_address(town)
    unlinked(town)
    town.send(signal(LinkIdentifier("email", WRONG.value), by=[MAIL, WRONG]))
    assert str(town.send(signal(order("2"), by=[WRONG])).profile_id) == ada
    town.holds()


def test_what_she_never_had_cannot_be_taken_away() -> None:
    town = Town()
    town.send(signal(order("1"), by=[MAIL]))
    told = town.send(signal(UnlinkIdentifier("email", WRONG.value), by=[MAIL]))
    assert told.refused == "not_linked"

"""A till's phone, an office's address: what many use unites nobody any more."""

from actors.signals import Outcome
from aggregates.profile.events.identity import FlaggedShared
from aggregates.profile.identifiers import Identifier
from tests.actors.merges import Town
from tests.actors.shopping import known, order, signal

(TILL,) = known(phone="+4930123456")


def bought(town: Town, number: int, *also: Identifier) -> Outcome:
    (mail,) = known(email=f"shopper{number}@mail.example")
    return town.send(signal(order(str(number)), by=[mail, *also]))


def test_everybody_who_buys_at_the_till_stays_themselves() -> None:
    town = Town()
    shoppers = {bought(town, number, TILL).profile_id for number in range(5)}
    assert len(shoppers) == 5
    town.holds()


def test_the_third_shows_that_it_is_shared() -> None:
    town = Town()
    first = bought(town, 0, TILL).profile_id
    bought(town, 1, TILL)
    assert not flags(town)
    bought(town, 2, TILL)
    (flag,) = flags(town)
    assert first in flag.users
    assert len(flag.users) == 3


def test_then_it_unites_nobody_but_still_leads_to_whose_it_was() -> None:
    town = Town()
    first = bought(town, 0, TILL).profile_id
    for number in (1, 2):
        bought(town, number, TILL)
    caller = town.send(signal(by=known(cookie="k9"))).profile_id
    town.send(signal(by=[TILL, *known(cookie="k9")]))
    assert {first, caller} <= set(town.heads)
    assert town.send(signal(by=[TILL])).profile_id == first


def test_an_office_address_is_its_owners_and_unites_nobody() -> None:
    town = Town()
    office, cookie = known(email="info@mail.example"), known(cookie="k1")
    owner = town.send(signal(by=office, powerless=office)).profile_id
    visitor = town.send(signal(by=cookie)).profile_id
    town.send(signal(by=[*office, *cookie], powerless=office))
    assert {owner, visitor} <= set(town.heads)


def test_merges_that_rest_on_it_alone_are_named() -> None:
    town = Town()
    (caller,) = known(cookie="k1")
    town.send(signal(by=[caller]))
    only_phone = town.send(signal(by=[TILL])).profile_id
    first = bought(town, 0).profile_id
    assert town.send(signal(by=[*known(email="shopper0@mail.example"), TILL])).profile_id == first
    assert only_phone not in town.heads
    (merge,) = town.merges
    for number in (1, 2):
        bought(town, number, TILL)
    (flag,) = flags(town)
    assert flag.merges == (merge,)


def flags(town: Town) -> list[FlaggedShared]:
    return [r.event for r in town.records() if isinstance(r.event, FlaggedShared)]

"""One person does not have that many addresses: what is beyond is left aside, nothing else is."""

from aggregates.profile.events.identity import Demoted
from aggregates.profile.identifiers import Identifier
from tests.actors.merges import Town
from tests.actors.shopping import known, order, signal

MAILS = [one for n in range(6) for one in known(email=f"a{n}@mail.example")]
ACCOUNT = known(shopify_customer_id="42")


def test_an_order_stays_its_buyers_though_the_address_in_it_is_one_too_many() -> None:
    town = Town()
    for mail in MAILS[:5]:
        buyer = town.send(signal(order("1"), by=[*ACCOUNT, mail])).profile_id
    assert town.send(signal(order("1", "30.00"), by=[MAILS[5]])).profile_id == buyer
    assert left_aside(town) == {MAILS[5]}


def left_aside(town: Town) -> set[Identifier]:
    events = [record.event for record in town.records()]
    return {one for event in events if isinstance(event, Demoted) for one in event.identifiers}


def test_a_device_that_is_known_says_whose_the_sixth_new_one_would_be() -> None:
    town = Town()
    device = known(cookie="z-known")
    comes = [town.send(signal(order("1"), by=device)).profile_id]
    for number in range(8):
        both = (*device, *known(cookie=f"a-{number}"))
        comes.append(town.send(signal(order(str(number)), by=both)).profile_id)
    assert len({*comes}) == 1
    assert left_aside(town) == {one for n in range(4, 8) for one in known(cookie=f"a-{n}")}
    assert town.merges == []


def test_many_at_once_with_one_device_too_many_are_all_taken() -> None:
    town = Town()
    device = known(cookie="z-known")
    town.send(signal(order("first"), by=device))
    sent = [signal(order(str(n)), by=(*device, *known(cookie=f"a-{n}"))) for n in range(40)]
    town.door.deliver(sent)
    assert {outcome.refused for _, outcome in town.door.delivered} == {None}
    assert len(town.heads) == 1


def test_a_second_account_with_the_same_address_is_another_customer_who_is_asked_about() -> None:
    town = Town()
    mail = known(email="ada@mail.example")
    one = town.send(signal(order("1"), by=[*ACCOUNT, *mail])).profile_id
    other = town.send(signal(order("2"), by=[*known(shopify_customer_id="43"), *mail])).profile_id
    again = town.send(signal(order("3"), by=known(shopify_customer_id="43"))).profile_id
    assert (one != other, again) == (True, other)
    assert town.merges == []
    assert len(town.tables.index.candidates) == 1

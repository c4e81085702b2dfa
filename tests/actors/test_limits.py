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

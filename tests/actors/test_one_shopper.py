"""The story of one shopper, told in every order: one person in the end, whoever spoke first."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

from actors.signals import Signal
from aggregates.profile.identifiers import Identifier
from tests.actors.doorstep import Door
from tests.actors.shopping import known, order, signal
from tests.given import NOON

HOUR = timedelta(hours=1)
(COOKIE_A,) = known(cookie="a")
(COOKIE_B,) = known(cookie="b")
(MAIL_A,) = known(email="sarah@shop.example")
(MAIL_B,) = known(email="s.miller@work.example")
(PHONE,) = known(phone="+4915112345678")
(ACCOUNT,) = known(shopify_customer_id="42")
EVERYTHING = {COOKIE_A, COOKIE_B, MAIL_A, MAIL_B, PHONE, ACCOUNT}


def story(*order_is_seen_with: Identifier) -> list[Signal]:
    return [
        signal(by=[COOKIE_A], at=NOON),
        signal(by=[MAIL_A, COOKIE_A], at=NOON + HOUR),
        signal(by=[COOKIE_B], at=NOON + 2 * HOUR),
        signal(order(), by=order_is_seen_with, at=NOON + 3 * HOUR),
        signal(by=[PHONE], at=NOON + 4 * HOUR),
    ]


def parties(door: Door) -> dict[UUID, set[Identifier]]:
    """Who is recognised by what, by those who stand for them."""
    found: dict[UUID, set[Identifier]] = {}
    for known_by in EVERYTHING:
        owners = door.owners(signal(by=[known_by]))
        if known_by in owners:
            found.setdefault(owners[known_by].head, set()).add(known_by)
    return found


def test_the_same_identifiers_end_up_together_in_every_order_of_arrival() -> None:
    signals = story(ACCOUNT, MAIL_A, MAIL_B, PHONE, COOKIE_B)
    for arrival in permutations(signals):
        door = Door()
        door.deliver(arrival)
        (everything,) = parties(door).values()
        assert everything == EVERYTHING, [sent.identifiers for sent in arrival]


def test_a_guest_is_two_until_somebody_says_otherwise() -> None:
    for arrival in permutations(story(MAIL_B, PHONE, COOKIE_B)):
        door = Door()
        door.deliver(arrival)
        assert sorted(map(len, parties(door).values())) == [2, 3]

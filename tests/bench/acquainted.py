"""Shoppers whom the shop knows already, and what had to come for that.

Three kinds order the same: by account, e-mail and telephone, all three in every order and all three
recorded. Of the first kind only the account recognises anybody, because the address is one kept for
books and the number one kept for films. The second is recognised by all three. So are the third,
but each had come by address and by number before, and the first order made them one: their
identifiers have two owners.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from api.demo.bench import OPENED, bench_order
from api.demo.people import FIRST_NUMBER, GERMANY, Customer, customer
from api.demo.seeds import chance
from api.demo.webhooks import Signed
from api.routes import commands
from tests.bench.deliveries import CHUNK, ID_HEADER, framed
from tests.bench.place import SECRET, SHOP

MOST = 2_000  # of each kind; those made up first have telephones, more than two kinds need
NOBODYS_MAIL, NOBODYS_PHONE = "example.com", "+12025550123"


class Kind(NamedTuple):
    """`first` is the number of the first of them."""

    name: str
    first: int
    is_unlisted: bool = False
    came_apart: bool = False

    def shopper(self, nth: int) -> Customer:
        usual = customer(str(self.first + nth), GERMANY.country, OPENED)
        if not self.is_unlisted:
            return usual
        mail = f"{usual.email.partition('@')[0]}@{NOBODYS_MAIL}"
        return replace(usual, email=mail, phone=NOBODYS_PHONE)


THREE = Kind("three identifiers", FIRST_NUMBER)
UNITED = Kind("three of two owners, united", FIRST_NUMBER + MOST, came_apart=True)
ONE = Kind("one identifier", FIRST_NUMBER + 2 * MOST, is_unlisted=True)
KINDS = (ONE, THREE, UNITED)


def introductions(kind: Kind, shoppers: int, api_key: str) -> Iterator[list[bytes]]:
    """Framed requests; those of one list may come in any order."""
    people = [kind.shopper(nth) for nth in range(shoppers)]
    if kind.came_apart:
        yield [_seen(one, api_key, email=one.email) for one in people]
        yield [_seen(one, api_key, phone=str(one.phone)) for one in people]
    yield [framed(ordered(kind, one, "first", nth)) for nth, one in enumerate(people)]


def ordered(kind: Kind, shopper: Customer, seed: str, nth: int) -> Signed:
    return bench_order(shopper, f"{kind.name}, {seed}", nth, SHOP, SECRET)


def orders(kind: Kind, seed: int, shoppers: int) -> tuple[bytes, list[str]]:
    """Framed, with their ids: those of a seed, each by one of the shoppers, chosen evenly."""
    dice = chance("known", kind.name, seed)
    signed = [
        ordered(kind, kind.shopper(dice.randrange(shoppers)), str(seed), nth)
        for nth in range(CHUNK)
    ]
    return b"".join(map(framed, signed)), [headers[ID_HEADER] for headers, _ in signed]


def _seen(shopper: Customer, api_key: str, **by: str) -> bytes:
    (kind,) = by
    told = {
        "type": "RecordVisit",
        "id": f"{kind}-{shopper.number}",
        "visit_id": f"{kind}-{shopper.number}",
        "occurred_at": OPENED.isoformat(),
        "profile": by,
    }
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
    return framed((headers, msgspec.json.encode(told)), commands.PATH)

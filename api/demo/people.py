"""Made-up shoppers: the same number is the same person every time, and reaches nobody real."""

from datetime import datetime

from msgspec import Struct

from api.demo.seeds import chance, shopify_id, words

EMAIL_DOMAIN = "shop.example"  # reserved, RFC 2606
FIRST_NUMBER = 10_000  # the shoppers from here on share out the telephone numbers
NUMBERS_PER_RANGE = 1_000

# kept free for film and television by the Bundesnetzagentur and by Ofcom; three digits follow
GERMAN_PHONES = ("+493023125", "+496990009", "+494066969", "+492214710", "+498999998")
BRITISH_PHONES = (
    *(f"+44{city}4960" for city in (*range(113, 119), *range(121, 162, 10))),
    *("+442079460", "+441914980", "+442920180", "+447700900"),
)

FIRST_NAMES = words(
    "Anna Ben Clara David Elena Felix Greta Hannes Ida Jonas Katja Lukas Marie Nils Olivia Paul "
    "Romy Simon Thea Till Ulrike Viktor Wiebke Yara Jürgen Zoë Sören Mia Emil Lotte Oskar Frieda"
)
LAST_NAMES = words(
    "Albrecht Becker Conrad Dietrich Engel Fischer Graf Hartmann Ihle Jansen Keller Lange Maurer "
    "Neumann Otto Pohl Quast Richter Schäfer Thiel Ullrich Vogt Weiß Ziegler Brandt Krüger Winter "
    "Sommer Busch Horn Kaiser Roth"
)
GERMAN_STREETS = words("Gartenstraße Lindenallee Marktplatz Mühlweg Bergstraße Hafenweg Schulgasse")
BRITISH_STREETS = ("Church Lane", "Mill Road", "Station Road", "High Street", "Orchard Close")
PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ë": "e"})


class Place(Struct, frozen=True):
    country: str
    code: str
    locale: str
    buys_in: str
    cities: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    phones: tuple[str, ...]


GERMANY = Place(
    "Germany",
    "DE",
    "de-DE",
    "EUR",
    (("Berlin", "10115"), ("Hamburg", "20095"), ("Köln", "50667"), ("Leipzig", "04109")),
    GERMAN_STREETS,
    GERMAN_PHONES,
)
BRITAIN = Place(
    "United Kingdom",
    "GB",
    "en-GB",
    "GBP",
    (("London", "E1 6AN"), ("Leeds", "LS1 1BA"), ("Bristol", "BS1 1HT")),
    BRITISH_STREETS,
    BRITISH_PHONES,
)


class Customer(Struct, frozen=True):
    number: str
    id: int
    since: datetime
    first_name: str
    last_name: str
    email: str
    phone: str | None
    street: str
    city: str
    zip: str
    place: Place


def customer(number: str, country: str, since: datetime) -> Customer:
    """Countries other than Germany get a British address: the shop is British."""
    place = GERMANY if country == GERMANY.country else BRITAIN
    dice = chance("customer", number)
    first, last = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    city, code = dice.choice(place.cities)
    return Customer(
        number=number,
        id=shopify_id("Customer", number),
        since=since,
        first_name=first,
        last_name=last,
        email=f"{first}.{last}.{number}@{EMAIL_DOMAIN}".lower().translate(PLAIN),
        phone=_phone(number, place),
        street=f"{dice.choice(place.streets)} {dice.randint(1, 120)}",
        city=city,
        zip=code,
        place=place,
    )


def _phone(number: str, place: Place) -> str | None:
    """Nobody shares a telephone, so whoever comes after the last free number has none."""
    if not number.isdecimal():
        return None
    block, within = divmod(int(number) - FIRST_NUMBER, NUMBERS_PER_RANGE)
    return f"{place.phones[block]}{within:03d}" if 0 <= block < len(place.phones) else None

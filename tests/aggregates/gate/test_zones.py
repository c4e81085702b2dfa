"""By which clock a customer lives, and how we know."""

from zoneinfo import ZoneInfo

import pytest

from aggregates.gate import dialling, regions
from aggregates.gate.facts import Place
from aggregates.gate.zones import Whereabouts, place_of, zone_of

BERLIN = "Europe/Berlin"


def known_as(**known: object) -> tuple[str, str]:
    place = place_of(Whereabouts(**known))  # type: ignore[arg-type]  # each test names its own
    return place.name, place.known_from


def test_what_the_customer_says_outweighs_everything() -> None:
    everything = {"addresses": (("FR", None),), "phone": "+4930123456", "shop": "America/New_York"}
    assert known_as(explicit="Asia/Tokyo", **everything) == ("Asia/Tokyo", "explicit")
    assert known_as(**everything) == ("Europe/Paris", "address")
    assert known_as(**everything | {"addresses": ()}) == (BERLIN, "phone")
    assert known_as(shop="America/New_York") == ("America/New_York", "shop")
    assert place_of(Whereabouts()) == Place()
    assert known_as() == ("UTC", "default")


@pytest.mark.parametrize(
    "name", ["Nowhere/Land", "", "Europe", "../../etc/passwd", "/etc/passwd", "EUROPE\0"]
)
def test_a_zone_that_is_none_leaves_it_to_the_next(name: str) -> None:
    assert known_as(explicit=name, shop=BERLIN) == (BERLIN, "shop")


@pytest.mark.parametrize(
    ("country", "region", "zone"),
    [
        ("DE", None, BERLIN),  # two zones in the tables, but one time
        (" de ", "Bayern", BERLIN),
        ("GB", None, "Europe/London"),
        ("NZ", None, None),  # the Chatham Islands are three quarters of an hour ahead
        ("US", None, None),
        ("US", "NY", "America/New_York"),
        ("US", "US-CA", "America/Los_Angeles"),
        ("US", "california", "America/Los_Angeles"),
        ("US", "AZ", "America/Phoenix"),
        ("US", "TN", None),  # lies in two
        ("CA", "NS", "America/Halifax"),
        ("AU", "Queensland", "Australia/Brisbane"),
        ("BR", "SP", "America/Sao_Paulo"),
        ("BR", "São Paulo", "America/Sao_Paulo"),
        ("ES", "M", "Europe/Madrid"),
        ("ES", "GC", "Atlantic/Canary"),
        ("ES", None, None),
        ("NZ", "AUK", "Pacific/Auckland"),
        ("XX", None, None),
        (None, "NY", None),
    ],
)
def test_an_address_tells_the_zone_where_there_is_only_one(
    country: str | None, region: str | None, zone: str | None
) -> None:
    assert zone_of(country, region) == zone


def test_the_next_address_is_asked_where_the_first_does_not_tell() -> None:
    assert known_as(addresses=(("US", None), ("FR", None))) == ("Europe/Paris", "address")


@pytest.mark.parametrize(
    ("phone", "zone"),
    [
        ("+4915112345678", BERLIN),
        ("+12125550123", "America/New_York"),
        ("+14805550123", "America/Phoenix"),
        ("+18085550123", "Pacific/Honolulu"),
        ("+18765550123", "America/Jamaica"),
        ("+97798012345", "Asia/Kathmandu"),
    ],
)
def test_a_phone_number_tells_its_country_or_area(phone: str, zone: str) -> None:
    assert known_as(phone=phone) == (zone, "phone")


@pytest.mark.parametrize("phone", ["+18005550123", "+79161234567", "+34612345678", "+9", "", "030"])
def test_a_phone_number_that_may_be_from_several_zones_tells_nothing(phone: str) -> None:
    assert known_as(phone=phone) == ("UTC", "default")


def test_every_zone_in_our_tables_exists() -> None:
    zones = {
        *dialling._BY_AREA.values(),
        *regions._ZONES.values(),
        *regions._OTHERWISE.values(),
    }
    assert all(ZoneInfo(zone).key == zone for zone in zones)
    assert all(len(area) == 3 for area in dialling._BY_AREA)


def test_every_country_that_can_be_dialled_is_one() -> None:
    with_one_time = sum(zone_of(code, None) is not None for code in dialling._BY_CODE.values())
    assert len(dialling._BY_CODE) > 190
    assert with_one_time > 150

"""By which clock a customer lives, and how we know."""

from zoneinfo import ZoneInfo

import pytest

from aggregates.gate import dialling, regions
from aggregates.gate.facts import Place
from aggregates.gate.zones import Whereabouts, _offsets, is_region, place_of, zones_of

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
    ("country", "region", "zones"),
    [
        ("DE", None, BERLIN),  # two zones in the tables, but one time
        (" de ", "Bayern", BERLIN),
        ("GB", None, "Europe/London"),
        ("NZ", None, "Pacific/Auckland Pacific/Chatham"),  # three quarters of an hour apart
        ("US", "NY", "America/New_York"),
        ("US", "US-CA", "America/Los_Angeles"),
        ("US", "california", "America/Los_Angeles"),
        ("US", "AZ", "America/Phoenix"),
        ("US", "TN", "America/New_York America/Chicago"),
        ("US", "PR", "America/Puerto_Rico"),
        ("CA", "NS", "America/Halifax"),
        ("AU", "Queensland", "Australia/Brisbane"),
        ("BR", "SP", "America/Sao_Paulo"),
        ("BR", "São Paulo", "America/Sao_Paulo"),
        ("ES", "M", "Europe/Madrid"),
        ("ES", "GC", "Atlantic/Canary"),
        ("ES", None, "Europe/Madrid Atlantic/Canary"),
        ("NZ", "AUK", "Pacific/Auckland"),
        ("XX", None, ""),
        (None, "NY", ""),
    ],
)
def test_an_address_tells_the_zone_or_those_that_it_may_be(
    country: str | None, region: str | None, zones: str
) -> None:
    assert zones_of(country, region) == tuple(zones.split())


@pytest.mark.parametrize("region", [None, "", "AE", "Freedonia"])
def test_a_country_has_as_many_zones_as_its_clocks_show_times(region: str | None) -> None:
    assert zones_of("US", region) == (
        "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
        "America/Los_Angeles", "America/Anchorage", "America/Adak", "Pacific/Honolulu",
    )  # fmt: skip


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


@pytest.mark.parametrize("phone", ["+9", "", "030"])
def test_what_is_no_number_tells_nothing(phone: str) -> None:
    assert known_as(phone=phone) == ("UTC", "default")
    assert place_of(Whereabouts(phone=phone)).possible == ()


@pytest.mark.parametrize(
    ("phone", "some"),
    [
        ("+18005550123", {"America/New_York", "America/Vancouver", "Pacific/Honolulu"}),
        ("+79161234567", {"Europe/Moscow", "Asia/Kamchatka"}),
        ("+34612345678", {"Europe/Madrid", "Atlantic/Canary"}),
    ],
)
def test_a_number_that_may_be_from_several_zones_leaves_all_of_them_possible(
    phone: str, some: set[str]
) -> None:
    place = place_of(Whereabouts(phone=phone, shop=BERLIN))
    assert (place.name, place.known_from) == (BERLIN, "shop")
    assert some <= {one.name for one in place.possible}
    assert {one.known_from for one in place.possible} == {"phone"}


def test_what_tells_several_is_asked_only_where_nothing_tells_one() -> None:
    several = (("US", None),)
    place = place_of(Whereabouts(addresses=several, phone="+34612345678", shop=BERLIN))
    assert (place.name, {one.known_from for one in place.possible}) == (BERLIN, {"address"})
    for known in ({"phone": "+12125550123"}, {"explicit": "America/New_York"}):
        place = place_of(Whereabouts(addresses=several, shop=BERLIN, **known))
        assert (place.name, place.possible) == ("America/New_York", ())


@pytest.mark.parametrize(
    ("known", "regions"),
    [
        ({"addresses": (("US", "Florida"),)}, ("US-FL", "US")),
        ({"addresses": (("us", "US-FL"),)}, ("US-FL", "US")),
        ({"addresses": (("US", "Freedonia"),)}, ("US",)),
        ({"addresses": (("FR", "IDF"),)}, ("FR-IDF", "FR")),
        ({"addresses": (("FR", "Île-de-France"),)}, ("FR",)),
        ({"addresses": (("US", None), ("FR", None))}, ("FR",)),  # as the zone is Paris'
        ({"addresses": (("US", "TX"),), "phone": "+4930123456"}, ("DE",)),  # as it is Berlin's
        ({"addresses": ((None, "TX"),), "phone": "+34612345678"}, ("ES",)),
        ({"phone": "+14165550123"}, ("CA",)),
        ({"phone": "+18005550123"}, ()),
        ({"explicit": "Europe/Paris"}, ("FR",)),
        ({"explicit": "Europe/Paris", "addresses": (("DE", None),)}, ("DE",)),
        ({"explicit": "UTC"}, ()),
        ({"shop": "Europe/Paris"}, ()),
        ({}, ()),
    ],
)
def test_the_rules_are_those_of_the_region_that_tells_the_zone(
    known: dict[str, object], regions: tuple[str, ...]
) -> None:
    assert place_of(Whereabouts(**known)).regions == regions  # type: ignore[arg-type]  # each its own


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("FR", True), ("US-FL", True), ("FR-IDF", True), ("BR-SP", True),
        ("UK", False), ("US-XX", False), ("US-FLORIDA", False), ("fr", False), ("US-", False),
        ("", False), ("Europe/Paris", False), ("FR-", False),
    ],
)  # fmt: skip
def test_a_region_is_a_country_or_one_of_its_own(name: str, known: bool) -> None:
    assert is_region(name) == known


def test_every_zone_in_our_tables_exists() -> None:
    zones = {
        *dialling._BY_AREA.values(),
        *(zone for region in regions._REGIONS.values() for zone in region.zones),
        *regions._OTHERWISE.values(),
    }
    assert all(ZoneInfo(zone).key == zone for zone in zones)
    assert all(len(area) == 3 for area in dialling._BY_AREA)


def test_the_zones_of_a_region_differ() -> None:
    for region in regions._REGIONS.values():
        assert len({*map(_offsets, map(ZoneInfo, region.zones))}) == len(region.zones)


def test_every_country_that_can_be_dialled_is_one() -> None:
    clocks = [len(zones_of(code, None)) for code in dialling._BY_CODE.values()]
    assert len(clocks) > 190
    assert sum(number == 1 for number in clocks) > 150
    assert all(is_region(code) for code in dialling._BY_CODE.values())

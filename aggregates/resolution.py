"""Identity policy: whose signal is this, and are two customers one person? Pure.

A signal goes to the owner of its strongest identifier. Where others own some of its identifiers
`judge` says what that means for each: the same person, somebody else's device, perhaps the same
person, or nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct

from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.events.identity import Identity, Sighting, key_of, live
from aggregates.profile.identifiers import STRENGTH, Identifier, Kind
from aggregates.profile.identifiers import Reference as Reference
from aggregates.shop.bounds import Bounds
from aggregates.shop.identity_rules import Limits

WEEK = timedelta(days=7)
PERSONAL_KINDS = frozenset(get_args(Kind))
THINGS = frozenset(get_args(Reference))


class Owned(Struct, frozen=True, array_like=True):
    """An identifier and whose it is: `subject`'s own, who is part of `head` (or is it).

    A `shared` value is used by too many to speak for anybody.
    """

    identifier: Identifier
    subject: UUID
    head: UUID
    shared: bool = False


class Attribution(Struct, frozen=True):
    """`profile` stands for the customer, `subject` is the part of it that the signal is about;
    both None where nobody owns any of the identifiers.

    `owned` are those of its identifiers that are not the subject's, but somebody else's.
    """

    profile: UUID | None
    subject: UUID | None
    recognise: Recognise
    owned: tuple[Owned, ...] = ()


class Seen(Struct, frozen=True):
    """The identifiers of one signal.

    Those that are `powerless` (an office's address, a throw-away one) are linked, but never merge;
    those `dropped` would break a limit and are left to whoever has them.
    """

    identifiers: tuple[Identifier, ...]
    powerless: Collection[Identifier] = ()
    dropped: Collection[Identifier] = ()

    def weight(self, known: Identifier) -> tuple[int, int, str, str]:
        """Smallest first is strongest first."""
        return known in self.powerless, -STRENGTH[known.kind], known.kind, known.value


def attribute(
    seen: Seen, owners: Mapping[Identifier, Owned], named: tuple[UUID, UUID] | None = None
) -> Attribution:
    """Give a signal to a profile: the (head, subject) `named`, else the owner of its strongest
    identifier.

    What somebody else owns is not linked here, so every identifier keeps one owner.
    """
    known = _telling(seen, owners)
    head, subject = named or _owner(known)
    owned = tuple(
        owners[i] for i in sorted(seen.identifiers, key=seen.weight)
        if i in owners and owners[i].subject != subject
    )  # fmt: skip
    disputed = [o for o in owned if o.head != head]
    return Attribution(
        head,
        subject,
        Recognise(
            identifiers=_linkable(seen, {o.identifier for o in owned}),
            others=tuple(sorted({str(o.head) for o in disputed})),
            disputed=tuple(sorted({o.identifier.kind for o in disputed})),
            decided_by=_decided_by(named, known) if disputed else "",
            demoted=_personal(seen, seen.dropped),
        ),
        owned,
    )


def _telling(seen: Seen, owners: Mapping[Identifier, Owned]) -> list[Owned]:
    """The owned identifiers that may say whose signal it is, strongest first.

    A value that too many use says so only where the signal has nothing else to go by.
    """
    usable = sorted((i for i in seen.identifiers if i not in seen.dropped), key=seen.weight)
    found = [owners[i] for i in usable if i in owners]
    clear = [owned for owned in found if not owned.shared]
    if clear or any(i.kind in PERSONAL_KINDS and i not in owners for i in usable):
        return clear
    return found


def _owner(known: list[Owned]) -> tuple[UUID | None, UUID | None]:
    """A thing of theirs, such as an order, says which part of a customer it is about."""
    if not known:
        return None, None
    head = known[0].head
    things = (o for o in known if o.head == head and o.identifier.kind in THINGS)
    return head, next(things, known[0]).subject


def _linkable(seen: Seen, others: Collection[Identifier]) -> tuple[Identifier, ...]:
    mine = set(seen.identifiers) - set(others) - set(seen.dropped)
    return tuple(sorted((i for i in mine if i.kind in PERSONAL_KINDS), key=seen.weight))


def _personal(seen: Seen, some: Iterable[Identifier]) -> tuple[Identifier, ...]:
    return tuple(sorted((i for i in some if i.kind in PERSONAL_KINDS), key=seen.weight))


def _decided_by(named: object, known: list[Owned]) -> str:
    return "id" if named or not known else known[0].identifier.kind


# --- how many of a kind one person has ---


def over_limits(
    identity: Identity,
    mine: Iterable[Identifier],
    rules: Bounds,
    at: datetime,
    led: Collection[Identifier] = (),
) -> list[Identifier]:
    """Of a signal's identifiers, strongest first, those to drop (weakest first) so that the
    customer does not end up with more of a kind than one person has.

    Once all that `led` to the customer are dropped the others are somebody else's, and stay.
    """
    held = live(identity)
    left = [known for known in mine if known.kind in PERSONAL_KINDS]
    dropped: list[Identifier] = []
    while left and not _nothing_leads(led, dropped) and _exceeds(held, left, rules, at):
        dropped.append(left.pop())
    return dropped


def _nothing_leads(led: Collection[Identifier], dropped: Collection[Identifier]) -> bool:
    return bool(led) and all(known in dropped for known in led)


def _exceeds(
    held: Mapping[str, Sighting], seen: Iterable[Identifier], rules: Bounds, at: datetime
) -> bool:
    new = [i for i in seen if i.kind in PERSONAL_KINDS and key_of(i) not in held]
    if not new:
        return False
    counts = Counter(_sort_of(key) for key in (*held, *map(key_of, new)))
    if any(counts[_sort_of(key_of(i))] > getattr(rules.limits, i.kind) for i in new):
        return True
    recent = sum(key.startswith("cookie:") and at - seen.first < WEEK for key, seen in held.items())
    return recent + sum(i.kind == "cookie" for i in new) > rules.limits.cookies_per_week


def _sort_of(key: str) -> str:
    """Accounts elsewhere are counted by where they are."""
    return ":".join(key.split(":", 2)[:2]) if key.startswith("external_id:") else key.split(":")[0]


# --- are two customers one person? ---

Verdict = Literal["merge", "switch", "switch_and_candidate", "candidate", "ignore"]


class Standing(Struct, frozen=True):
    """What a customer is known by, as far as it matters for merging."""

    accounts: frozenset[str] = frozenset()
    is_known: bool = False  # by an account of any kind, or an e-mail address
    is_anonymous: bool = True  # cookies, carts and the like only
    counts: Mapping[str, int] = {}


class Link(Struct, frozen=True):
    """What ties a signal's customer to another one.

    `together`: seen with both in one order, login, form or reply, not in somebody's list.
    `has_history`: it has been a third customer's, too.
    """

    kind: str
    together: bool = True
    has_power: bool = True
    has_history: bool = False


def standing(keys: Iterable[str]) -> Standing:
    """Of the customer who is recognised by these (`kind:value`)."""
    kinds: dict[str, list[str]] = {}
    for key in keys:
        kind, _, value = key.partition(":")
        kinds.setdefault(kind, []).append(value)
    return Standing(
        accounts=frozenset(kinds.get("shopify_customer_id", ())),
        is_known=not kinds.keys().isdisjoint(("shopify_customer_id", "external_id", "email")),
        is_anonymous=kinds.keys() <= {"cookie"},
        counts={kind: len(values) for kind, values in kinds.items()},
    )


def judge(one: Standing, other: Standing, link: Link, limits: Limits) -> Verdict:
    """What it means that `link`, which is `other`'s, was seen with `one`."""
    verdict = _judged(one, other, link) if link.has_power else "ignore"
    if verdict == "merge" and breaks(one, other, limits):
        return "candidate"
    return verdict


def breaks(one: Standing, other: Standing, limits: Limits) -> bool:
    """Whether together they would have more of a kind than one person has."""
    return any(
        one.counts.get(kind, 0) + other.counts.get(kind, 0) > getattr(limits, kind)
        for kind in ("email", "phone")
        if kind in one.counts and kind in other.counts
    )


def _judged(one: Standing, other: Standing, link: Link) -> Verdict:
    accounts = bool(one.accounts and other.accounts)  # two, else the link would be the account
    both_known = one.is_known and other.is_known
    match link.kind:
        case "shopify_customer_id" | "email":
            return "candidate" if accounts else "merge"
        case "external_id":
            return "candidate" if accounts or (both_known and not link.together) else "merge"
        case "phone":
            return "candidate" if both_known else "merge"
        case "cookie":
            return _by_device(one, other, link, accounts)
        case _:
            return _by_thing(one, other, link)


def _by_device(one: Standing, other: Standing, link: Link, accounts: bool) -> Verdict:
    if one.is_known and other.is_known:
        return "switch" if accounts else "switch_and_candidate"
    return "switch" if link.has_history else "merge"


def _by_thing(one: Standing, other: Standing, link: Link) -> Verdict:
    """Carts and orders are handed from one to the other: they unite nobody we know."""
    return "merge" if one.is_anonymous or other.is_anonymous else "ignore"

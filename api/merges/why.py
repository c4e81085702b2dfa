"""Why two are one profile or are not: finds both, and asks the events."""

from typing import NamedTuple
from uuid import UUID

from aggregates.explaining.apart import reasons
from aggregates.explaining.reason import Reason
from aggregates.explaining.recognised import Recognised, recognised_by
from aggregates.explaining.side import Side, nobody, side
from aggregates.explaining.thirds import named_by_both
from aggregates.explaining.together import chain, linked
from aggregates.log.histories import Told
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api.asked import uuid_or_none
from api.errors import Fault, invalid, no_such
from api.intake.whom import EXPECTED
from api.ports import Histories, Identities
from api.recognition.forms import normal

OTHER = "expected a profile's id, or what one is known by, such as email=ada@shop.example"

MOST_THIRDS = 5  # others whose story is read, too


class Found(NamedTuple):
    """Who stands for the one asked about, and all that is told of them."""

    asked: UUID
    head: UUID
    told: Told

    @property
    def side(self) -> Side:
        return side({self.head, *self.told.lineage.subjects}, self.told.records)


class Answer(NamedTuple):
    together: bool
    because: list[Reason]


class Explainer:
    """Every method may raise Problem."""

    def __init__(self, identities: Identities, histories: Histories) -> None:
        self._identities = identities
        self._histories = histories

    async def recognised(self, namespace: int, profile: UUID) -> list[Recognised]:
        return recognised_by((await self._profile(namespace, profile)).told.records)

    async def why(self, namespace: int, profile: UUID, other: str, rules: IdentityRules) -> Answer:
        asked = _other(other, rules)
        one = await self._profile(namespace, profile)
        if isinstance(asked, Identifier):
            return await self._by_identifier(namespace, one, asked, rules)
        found = await self._found(namespace, asked)
        if found is None:
            raise _nobody()
        return await self._between(namespace, one, found, rules)

    async def _by_identifier(
        self, namespace: int, one: Found, known: Identifier, rules: IdentityRules
    ) -> Answer:
        owners = await self._identities.owners(namespace, [known])
        found = await self._found(namespace, owners[known]) if known in owners else None
        if found is None:
            return _about_nobodys(one, known, rules)
        link = linked(known, found.told.records)
        if link is None or link.record is None:  # its owner was erased meanwhile
            raise _nobody()
        owner = found._replace(asked=link.record.subject)
        answer = await self._between(namespace, one, owner, rules)
        return Answer(True, [*answer.because, link]) if answer.together else answer

    async def _between(
        self, namespace: int, one: Found, other: Found, rules: IdentityRules
    ) -> Answer:
        if one.head == other.head:
            return Answer(True, chain(one.asked, other.asked, one.told.records))
        named = named_by_both(one.side, other.side)[:MOST_THIRDS]
        found = [await self._found(namespace, third) for third in named]
        thirds = [third.side for third in found if third is not None]
        return Answer(False, reasons(one.side, other.side, rules.limits, thirds))

    async def _profile(self, namespace: int, profile: UUID) -> Found:
        found = await self._found(namespace, profile)
        if found is None:
            raise no_such("profile")
        return found

    async def _found(self, namespace: int, profile: UUID) -> Found | None:
        head = await self._identities.head(profile)
        told = await self._histories.told(namespace, head)
        return Found(profile, head, told) if told is not None and told.records else None


def _about_nobodys(one: Found, known: Identifier, rules: IdentityRules) -> Answer:
    """What leads to no one may still have been seen with this one."""
    found = reasons(one.side, nobody(known), rules.limits)
    if found[0].record is None:
        raise _nobody()
    return Answer(False, found)


def _other(given: str, rules: IdentityRules) -> UUID | Identifier:
    if (profile := uuid_or_none(given)) is not None:
        return profile
    kind, _, value = given.partition("=")
    if kind not in EXPECTED:
        raise invalid(Fault("other", OTHER))
    if (known := normal(kind, value, rules.country)) is None:
        raise invalid(Fault("other", EXPECTED[kind]))
    return known


def _nobody() -> Exception:
    fault = Fault("other", "there is no such profile in this namespace")
    return invalid(fault, status=404)

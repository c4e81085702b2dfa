"""Identity policy: whose signal is this? Pure.

First step of it: an identifier already known leads to its owner; where several owners are named
the strongest identifier decides and the disagreement is noted.
"""

from collections.abc import Mapping
from typing import get_args
from uuid import UUID

from msgspec import Struct

from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.identifiers import STRENGTH, Identifier, Kind, strongest_first

PERSONAL_KINDS = frozenset(get_args(Kind))


class Attribution(Struct, frozen=True):
    """`profile` is None where nobody owns any of the identifiers.

    `owned_elsewhere` are the identifiers that other profiles own and keep.
    """

    profile: UUID | None
    recognise: Recognise
    owned_elsewhere: frozenset[Identifier] = frozenset()


def attribute(
    identifiers: tuple[Identifier, ...],
    owners: Mapping[Identifier, UUID],
    named: UUID | None = None,
) -> Attribution:
    """Give a signal to a profile: the one `named`, else the owner of the strongest identifier.

    What another profile owns is not linked here, so every identifier keeps one owner.
    """
    known = [found for found in strongest_first(identifiers) if found in owners]
    profile = named or (owners[known[0]] if known else None)
    disputed = [found for found in known if owners[found] != profile]
    return Attribution(
        profile,
        Recognise(
            identifiers=_linkable(identifiers, disputed),
            others=tuple(sorted({str(owners[found]) for found in disputed})),
            disputed=tuple(sorted({found.kind for found in disputed})),
            decided_by=_decided_by(named, known) if disputed else "",
        ),
        frozenset(disputed),
    )


def _linkable(
    identifiers: tuple[Identifier, ...], disputed: list[Identifier]
) -> tuple[Identifier, ...]:
    mine = set(identifiers) - set(disputed)
    return tuple(sorted((k for k in mine if k.kind in PERSONAL_KINDS), key=_strength))


def _strength(known: Identifier) -> tuple[int, str, str]:
    return -STRENGTH[known.kind], known.kind, known.value


def _decided_by(named: UUID | None, known: list[Identifier]) -> str:
    return "id" if named else known[0].kind

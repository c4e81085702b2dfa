"""Which profiles may be one person's, by names, addresses and birthdays: whom to ask about.

Nobody's details are stored: profiles are found by keyed digests of what they would be looked up
under, and compared as the log tells them. The pairs worth asking about wait here until somebody
has made candidates of them.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct, field
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from aggregates.log.keys import Keyring
from aggregates.log.residents import Resident
from aggregates.matching.evidence import Evidence, of_themselves, with_homes
from aggregates.matching.keys import MAX_SHARED, keys
from aggregates.matching.person import Person, person_of
from aggregates.matching.score import WORTH_ASKING, at_most, score
from aggregates.profile.profile import Profile
from projections.readmodel import topics_of

REMEMBERED = 20_000  # people; and scores: the same few things speak for most pairs
TURN = 0xC3601  # two workers at once would not see each other's new profiles
SHARING = """
    SELECT mine.profile_id, array_agg(DISTINCT theirs.profile_id)
    FROM match_keys mine JOIN match_keys theirs USING (namespace_id, digest)
    WHERE mine.profile_id = ANY(%(changed)s) AND theirs.profile_id <> mine.profile_id
      AND NOT (theirs.profile_id < mine.profile_id AND theirs.profile_id = ANY(%(changed)s))
      AND (SELECT count(*) FROM (
            SELECT FROM match_keys sharer
            WHERE sharer.namespace_id = mine.namespace_id
              AND sharer.digest = mine.digest LIMIT (%(most)s + 1)) AS few) <= %(most)s
    GROUP BY mine.profile_id
"""
ASK = """
    INSERT INTO alike (one, other, namespace_id, score, plain_score, evidence)
    SELECT one, other, namespace_id, score, plain_score, string_to_array(evidence, ' ')
    FROM unnest(%b::uuid[], %b::uuid[], %b::integer[], %b::float8[], %b::float8[], %b::text[])
        AS found(one, other, namespace_id, score, plain_score, evidence)
    ON CONFLICT (one, other) DO UPDATE SET score = excluded.score,
        plain_score = excluded.plain_score, evidence = excluded.evidence
    WHERE alike.score IS DISTINCT FROM excluded.score
"""


class Found(NamedTuple):
    """Of two profiles. `plain` is the score if two addresses at Gmail were two people's; the names
    of all evidence are `told`, with blanks between them."""

    score: float
    plain: float
    told: str


class People:
    """As they were told of lately: who is compared with many is not taken apart for each."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, tuple[Profile, Person]] = OrderedDict()

    def of(self, one: UUID, held: Resident) -> Person:
        """Who is part of another profile is found as that one."""
        if held.is_gone:
            return NOBODY
        profile, person = self._known.pop(one, (None, NOBODY))
        if profile is not held.profile:
            person = person_of(held.profile)
        self._known[one] = held.profile, person
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return person


class Likeness(Struct, frozen=True):
    """The read model."""

    keyring: Keyring
    people: People = field(default_factory=People)
    name: str = "likeness"
    moved_by: frozenset[str] | None = topics_of("identity", "contact")
    tables: str = """
        CREATE TABLE IF NOT EXISTS match_keys (
            profile_id   uuid NOT NULL,
            namespace_id integer NOT NULL,
            digest       bytea NOT NULL,
            PRIMARY KEY (profile_id, digest)
        );
        CREATE INDEX IF NOT EXISTS match_keys_digest ON match_keys (namespace_id, digest);
        CREATE TABLE IF NOT EXISTS alike (
            one          uuid NOT NULL,
            other        uuid NOT NULL,
            namespace_id integer NOT NULL,
            score        double precision NOT NULL,
            plain_score  double precision NOT NULL, -- two addresses at Gmail being two
            evidence     text[] NOT NULL,
            asked        boolean NOT NULL DEFAULT false,
            PRIMARY KEY (one, other)
        );
        CREATE INDEX IF NOT EXISTS alike_unasked ON alike (score DESC) WHERE NOT asked;
    """

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (TURN,))
        people = {one: self.people.of(one, held) for one, held in changes.profiles.items()}
        wanted = {one: self._digests(changes.profiles[one], told) for one, told in people.items()}
        changed = _rewritten(connection, changes.profiles, wanted)
        sharing = _sharing(connection, changed)
        others = changes.load({one for _, some in sharing for one in some}.difference(people))
        people |= {one: self.people.of(one, held) for one, held in others.items()}
        rows = [
            (*sorted((one, other)), changes.profiles[one].namespace, *found)
            for one, some in sharing
            for other, found in _alike(one, some, people)
        ]
        _ask(connection, rows)

    def _digests(self, held: Resident, told: Person) -> frozenset[bytes]:
        digest = self.keyring.namespace(held.namespace).digest
        return frozenset(digest("likeness", key) for key in keys(told))


def _alike(
    one: UUID, others: Iterable[UUID], people: Mapping[UUID, Person]
) -> Iterator[tuple[UUID, Found]]:
    """Those of the others who are worth asking about."""
    person = people[one]
    for other in others:
        if found := _found(person, people.get(other, NOBODY)):
            yield other, found


def _found(a: Person, b: Person) -> Found | None:
    own = of_themselves(a, b)
    if _at_most(own) < WORTH_ASKING:
        return None
    found = with_homes(own, a, b)
    if (likely := _score(found)) < WORTH_ASKING:
        return None
    plain = _score(tuple(each for each in found if each.name != "gmail_equal"))
    return Found(likely, plain, " ".join(sorted({each.name for each in found})))


@lru_cache(REMEMBERED)
def _score(found: tuple[Evidence, ...]) -> float:
    return score(found)


@lru_cache(REMEMBERED)
def _at_most(found: tuple[Evidence, ...]) -> float:
    return at_most(found)


def _ask(connection: Connection[TupleRow], rows: list[tuple[object, ...]]) -> None:
    if rows:
        columns = [list(column) for column in zip(*sorted(rows, key=_pair), strict=True)]
        connection.execute(ASK.encode(), columns)


def _pair(row: tuple[object, ...]) -> tuple[object, ...]:
    return row[:2]


def _rewritten(
    connection: Connection[TupleRow],
    profiles: Mapping[UUID, Resident],
    wanted: Mapping[UUID, frozenset[bytes]],
) -> list[UUID]:
    """Whose digests are others than before."""
    before: dict[UUID, set[bytes]] = defaultdict(set)
    query = "SELECT profile_id, digest FROM match_keys WHERE profile_id = ANY(%b)"
    for profile, digest in connection.execute(query, (list(wanted),), binary=True).fetchall():
        before[profile].add(digest)
    changed = [one for one, digests in wanted.items() if digests != before[one]]
    drop = "DELETE FROM match_keys WHERE profile_id = ANY(%s)"
    connection.execute(drop, ([one for one in changed if before[one]],))
    into = "COPY match_keys (profile_id, namespace_id, digest) FROM STDIN (FORMAT BINARY)"
    with connection.cursor().copy(into) as copy:
        copy.set_types(("uuid", "int4", "bytea"))
        for one in changed:
            for digest in wanted[one]:
                copy.write_row((one, profiles[one].namespace, digest))
    return changed


def _sharing(
    connection: Connection[TupleRow], changed: list[UUID]
) -> Sequence[tuple[UUID, Sequence[UUID]]]:
    """With whom each shares a key that not too many others have; each pair is there once."""
    if not changed:
        return []
    parameters = {"changed": changed, "most": MAX_SHARED}
    return connection.execute(SHARING.encode(), parameters, binary=True).fetchall()


NOBODY = Person()

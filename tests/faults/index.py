"""Whether the tables that look-ups use say of identity what the log says.

Who stands for whom, and whose an identifier is, follows from each profile's own stream and from
what is told of each subject; so no order between streams is needed to know it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from aggregates.log import story
from aggregates.log.index import Closed, Merged, Opened, Reversed, Shared, changes_of
from aggregates.log.keys import NamespaceKey
from aggregates.log.record import Record
from aggregates.profile.claims import claims_of
from aggregates.profile.events.identity import live
from aggregates.profile.events.lineage import Lineage
from aggregates.resolution import THINGS
from tests.actors.merges import content, told_by
from tests.faults.ledger import Ledger, Store, Stream

QUERIES = (
    "SELECT profile_id, head FROM redirects WHERE namespace_id = %s",
    "SELECT merge_id, survivor, absorbed, reversed_at IS NOT NULL FROM merges"
    " WHERE namespace_id = %s",
    "SELECT candidate_id, one, other, outcome IS NOT NULL FROM candidates WHERE namespace_id = %s",
    "SELECT digest, profile_id, shared FROM identifiers WHERE namespace_id = %s",
)
Row = tuple[object, ...]


class Book(NamedTuple):
    """The log of one namespace."""

    namespace: int
    key: NamespaceKey
    streams: Sequence[Stream]

    @property
    def records(self) -> list[Record]:
        return [record for stream in self.streams for record in stream.records]

    @property
    def heads(self) -> dict[UUID, UUID]:
        """Of those who are part of another: who stands for them."""
        above = {one.profile_id: _lineage(one).absorbed_into for one in self.streams}
        return {one: _head(one, above) for one, other in above.items() if other is not None}


class Tables(NamedTuple):
    """Rows: who is part of whom; merges and candidates with both sides and whether they are over;
    owners by digest, and whether the identifier is shared."""

    redirects: set[Row]
    merges: set[Row]
    candidates: set[Row]
    identifiers: set[Row]


def as_the_log_says(store: Store, namespace: int) -> dict[str, int]:
    """How many rows of each table differ, and how many profiles from what is told about them."""
    with store.connected() as connection:
        streams = list(Ledger(connection, store.keyring, namespace).streams())
        found = (connection.execute(query.encode(), (namespace,)).fetchall() for query in QUERIES)
        tables = Tables(*(set(rows) for rows in found))
    return differences(Book(namespace, store.keyring.namespace(namespace), streams), tables)


def differences(book: Book, tables: Tables) -> dict[str, int]:
    return {
        "wrong redirects": len(tables.redirects ^ set(book.heads.items())),
        "wrong merges": len(tables.merges ^ _merges(book)),
        "wrong candidates": len(tables.candidates ^ _candidates(book)),
        "wrong owners": _wrong_owners(book, tables.identifiers),
        "wrong profiles": _wrong_profiles(book),
    }


def _wrong_profiles(book: Book) -> int:
    """Those that stand for themselves are the fold of all events about whom they stand for."""
    about: defaultdict[UUID, list[Record]] = defaultdict(list)
    heads = book.heads
    for record in book.records:
        about[heads.get(record.subject, record.subject)].append(record)
    alone = (one for one in book.streams if one.profile_id not in heads)
    return sum(content(one.folded()) != content(told_by(about[one.profile_id])) for one in alone)


def _merges(book: Book) -> set[Row]:
    changes = list(_changes(book))
    undone = {change.merge_id for change in changes if isinstance(change, Reversed)}
    made = (change for change in changes if isinstance(change, Merged))
    return {(m.merge_id, m.survivor, m.absorbed, m.merge_id in undone) for m in made}


def _candidates(book: Book) -> set[Row]:
    changes = list(_changes(book))
    closed = {change.candidate_id for change in changes if isinstance(change, Closed)}
    opened = (change for change in changes if isinstance(change, Opened))
    return {(c.candidate_id, c.one, c.other, c.candidate_id in closed) for c in opened}


def _wrong_owners(book: Book, rows: Iterable[Row]) -> int:
    """An identifier is whose it is live with; a thing one of those's who have spoken of it."""
    shared = {change.digest for change in _changes(book) if isinstance(change, Shared)}
    owners = _owners(book)
    held = {digest: (owner, is_shared) for digest, owner, is_shared in rows}
    wrong = sum(
        owner not in owners.get(digest, ()) or is_shared != (digest in shared)
        for digest, (owner, is_shared) in held.items()
    )
    return wrong + len(owners.keys() - held.keys())


def _owners(book: Book) -> Mapping[object, set[UUID]]:
    found: defaultdict[object, set[UUID]] = defaultdict(set)
    about: defaultdict[UUID, list[Record]] = defaultdict(list)
    for record in book.records:
        about[record.subject].append(record)
        for claim in claims_of(record.event):
            if claim.kind in THINGS:
                found[book.key.digest(claim.kind, claim.value)].add(record.subject)
    for subject, records in about.items():
        for known in live(told_by(records).identity):
            kind, _, value = known.partition(":")
            owners = found[book.key.digest(kind, value)]
            owners.add(subject)
            assert len(owners) == 1, f"two are recognised by the same {kind}"
    return found


def _changes(book: Book) -> Iterator[object]:
    for record in book.records:
        yield from changes_of(record, book.namespace, book.key.digest)


def _lineage(stream: Stream) -> Lineage:
    return story.lineage_of(stream.profile_id, stream.records)


def _head(profile: UUID, above: Mapping[UUID, UUID | None]) -> UUID:
    while (other := above[profile]) is not None:
        profile = other
    return profile

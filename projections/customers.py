"""The customers list: one row for each profile that stands for itself, sorted and searched at once.

Rows are made from whole profiles, so that any order of events, and reading some twice, ends in the
same row.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from aggregates.log.histories import minted_at
from aggregates.log.residents import Resident
from aggregates.profile.commerce import bought
from aggregates.profile.events.contact import detail, tags_of
from aggregates.profile.events.identity import live
from aggregates.profile.events.visits import visit_count
from aggregates.profile.lifecycle import last_activity_at
from aggregates.profile.portrait import contact_by, full_name, home
from projections.readmodel import topics_of
from projections.words import plain, spellable, trigrams, words_of

TABLES = """
    CREATE TABLE IF NOT EXISTS customers (
        profile_id       uuid PRIMARY KEY,
        namespace_id     integer NOT NULL,
        name             text, -- the e-mail, else the phone, where no name is known
        name_key         text COLLATE "C", -- without accents and capitals, for sorting
        email            text,
        phone            text,
        company          text,
        city             text,
        country          text,
        sources          text[] NOT NULL,
        tags             text[] NOT NULL,
        orders           integer NOT NULL,
        spend            bigint NOT NULL, -- minor units of `currency`
        average          bigint NOT NULL,
        currency         text,
        visits           integer NOT NULL,
        first_order_at   timestamptz,
        last_order_at    timestamptz,
        created_at       timestamptz NOT NULL,
        last_activity_at timestamptz,
        words            tsvector NOT NULL
    );
    CREATE INDEX IF NOT EXISTS customers_name ON customers (namespace_id, name_key, profile_id);
    CREATE INDEX IF NOT EXISTS customers_email ON customers (namespace_id, email, profile_id);
    CREATE INDEX IF NOT EXISTS customers_orders ON customers (namespace_id, orders, profile_id);
    CREATE INDEX IF NOT EXISTS customers_spend ON customers (namespace_id, spend, profile_id);
    CREATE INDEX IF NOT EXISTS customers_last_order
        ON customers (namespace_id, last_order_at, profile_id);
    CREATE INDEX IF NOT EXISTS customers_created
        ON customers (namespace_id, created_at, profile_id);
    CREATE INDEX IF NOT EXISTS customers_activity
        ON customers (namespace_id, last_activity_at, profile_id);
    CREATE INDEX IF NOT EXISTS customers_sources ON customers USING gin (sources);
    CREATE INDEX IF NOT EXISTS customers_words ON customers USING gin (words);
    CREATE TABLE IF NOT EXISTS spellings (
        namespace_id integer NOT NULL,
        word         text COLLATE "C" NOT NULL, -- all that begin alike are beside each other
        holders      integer NOT NULL, -- customers found by it; one nobody has is forgotten
        trigrams     text[] NOT NULL,
        PRIMARY KEY (namespace_id, word)
    );
    CREATE INDEX IF NOT EXISTS spellings_trigrams ON spellings USING gin (trigrams);
"""
COLUMNS = {
    "profile_id": "uuid", "namespace_id": "integer", "name": "text", "name_key": "text",
    "email": "text", "phone": "text", "company": "text", "city": "text", "country": "text",
    "sources": "text", "tags": "text", "orders": "integer", "spend": "bigint", "average": "bigint",
    "currency": "text", "visits": "integer", "first_order_at": "timestamptz",
    "last_order_at": "timestamptz", "created_at": "timestamptz",
    "last_activity_at": "timestamptz", "words": "text",
}  # fmt: skip
LISTS = {"sources": "string_to_array({}, E'\\x1f')", "tags": "string_to_array({}, E'\\x1f')",
         "words": "array_to_tsvector(string_to_array({}, E'\\x1f'))"}  # fmt: skip
MOVED_BY = topics_of("identity", "contact", "orders", "checkouts", "visits")
BETWEEN = "\x1f"  # no word, tag or source has it


class Row(NamedTuple):
    """In the order of `COLUMNS`; lists are joined by `BETWEEN`, arrays of arrays need be equally
    long."""

    profile_id: UUID
    namespace_id: int
    name: str | None
    name_key: str | None
    email: str | None
    phone: str | None
    company: str | None
    city: str | None
    country: str | None
    sources: str
    tags: str
    orders: int
    spend: int
    average: int
    currency: str | None
    visits: int
    first_order_at: datetime | None
    last_order_at: datetime | None
    created_at: datetime
    last_activity_at: datetime | None
    words: str


def _upsert() -> str:
    columns = ", ".join(COLUMNS)
    values = ", ".join(LISTS.get(name, "{}").format(f"row.{name}") for name in COLUMNS)
    arrays = ", ".join(f"%b::{kind}[]" for kind in COLUMNS.values())
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "profile_id")
    return (
        f"INSERT INTO customers ({columns}) SELECT {values}"  # noqa: S608  # our own names
        f" FROM unnest({arrays}) AS row({columns})"
        f" ON CONFLICT (profile_id) DO UPDATE SET {changes}"
    )


UPSERT = _upsert()
BEFORE = "SELECT namespace_id, tsvector_to_array(words) FROM customers WHERE profile_id = ANY(%b)"
DROP = "DELETE FROM customers WHERE profile_id = ANY(%b)"
SPELL = (
    "INSERT INTO spellings (namespace_id, word, holders, trigrams)"
    " SELECT namespace_id, word, holders, string_to_array(trigrams, E'\\x1f')"
    " FROM unnest(%b::integer[], %b::text[], %b::integer[], %b::text[])"
    " AS told(namespace_id, word, holders, trigrams) ON CONFLICT (namespace_id, word)"
    " DO UPDATE SET holders = spellings.holders + excluded.holders"
)
FORGET = (
    "DELETE FROM spellings USING unnest(%b::integer[], %b::text[]) AS told(namespace_id, word)"
    " WHERE spellings.namespace_id = told.namespace_id AND spellings.word = told.word"
    " AND holders <= 0"
)


class Customers(Struct, frozen=True):
    """The read model."""

    name: str = "customers"
    moved_by: frozenset[str] | None = MOVED_BY
    tables: str = TABLES

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        wanted = list(changes.profiles)
        spelt = Counter[tuple[int, str]]()
        for namespace, words in connection.execute(BEFORE, (wanted,), binary=True).fetchall():
            spelt.subtract((namespace, word) for word in spellable(words))
        rows = [row_of(one, held) for one, held in changes.profiles.items() if not held.is_gone]
        for row in rows:
            spelt.update((row.namespace_id, w) for w in spellable(row.words.split(BETWEEN)))
        shown = {row.profile_id for row in rows}
        connection.execute(DROP, ([one for one in wanted if one not in shown],))
        if rows:
            connection.execute(UPSERT.encode(), [list(each) for each in zip(*rows, strict=True)])
        _spell(connection, {key: count for key, count in spelt.items() if count})


def row_of(profile_id: UUID, held: Resident) -> Row:
    profile = held.profile
    sums, contact = bought(profile.orders), profile.contact
    email, phone = contact_by(profile, "email"), contact_by(profile, "phone")
    name, company = full_name(profile), detail(contact, "company")
    called = name or email or phone
    city, country = home(profile)
    spend, average = sums.lifetime_spend, sums.average_order_value
    first, last = sums.first_order, sums.last_order
    sightings = live(profile.identity)
    known = [key.partition(":")[::2] for key in sightings]
    found_by = words_of(
        (name, company, city, country),
        {value for kind, value in known if kind == "email"} | {e for e in (email,) if e},
        {value for kind, value in known if kind == "phone"} | {p for p in (phone,) if p},
    )
    return Row(
        profile_id=profile_id,
        namespace_id=held.namespace,
        name=called,
        name_key=plain(called) if called else None,
        email=email,
        phone=phone,
        company=company,
        city=city,
        country=country,
        sources=BETWEEN.join(sorted({seen.source for seen in sightings.values() if seen.source})),
        tags=BETWEEN.join(sorted(tags_of(contact))),
        orders=sums.order_count,
        spend=spend.minor if spend else 0,
        average=average.minor if average else 0,
        currency=sums.currency,
        visits=visit_count(profile.visits),
        first_order_at=first.placed_at if first else None,
        last_order_at=last.placed_at if last else None,
        created_at=minted_at(profile_id),
        last_activity_at=last_activity_at(profile),
        words=BETWEEN.join(sorted(found_by)),
    )


def _spell(connection: Connection[TupleRow], counts: Mapping[tuple[int, str], int]) -> None:
    """In the order of their key, so that two workers never wait for each other in a circle."""
    spelt = sorted(counts.items())
    spaces, words = [space for (space, _), _ in spelt], [word for (_, word), _ in spelt]
    holders = [count for _, count in spelt]
    letters = [BETWEEN.join(trigrams(word)) for word in words]
    connection.execute(SPELL, (spaces, words, holders, letters))
    if fewer := [key for key, count in spelt if count < 0]:
        connection.execute(FORGET, [list(each) for each in zip(*fewer, strict=True)])

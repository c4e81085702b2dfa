"""How customers can be reached and what became of the messages they got, for rules that ask.

Rows are made from whole profiles. Time alone changes consent only where it was given for a time,
so of each channel there are few rows: one for each span in which things stand in one way.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from aggregates.log.record import Record
from aggregates.log.residents import Resident
from aggregates.profile import sending
from aggregates.profile.channels import ADDRESSED_BY, CHANNELS, Channel
from aggregates.profile.events.consent import Consent, key_of
from aggregates.profile.events.messages import Message, dispatched
from aggregates.profile.permission import reached_by
from aggregates.profile.profile import Profile
from aggregates.profile.standing import BEGINNING, State
from projections.places import ANYWHERE, place_key
from projections.readmodel import topics_of

TABLES = """
    CREATE TABLE IF NOT EXISTS standings ( -- no row: nothing was ever said about the channel
        profile_id   uuid NOT NULL,
        channel      text NOT NULL,
        since        timestamptz NOT NULL,
        until        timestamptz, -- NULL is for ever
        namespace_id integer NOT NULL,
        state        text NOT NULL,
        place        text NOT NULL, -- where they live, by its key
        PRIMARY KEY (profile_id, channel, since)
    );
    CREATE TABLE IF NOT EXISTS places ( -- that any customer has ever lived in
        namespace_id integer NOT NULL,
        place        text NOT NULL,
        PRIMARY KEY (namespace_id, place)
    );
    CREATE TABLE IF NOT EXISTS messages (
        profile_id    uuid NOT NULL,
        message_id    text NOT NULL,
        namespace_id  integer NOT NULL,
        channel       text, -- of this and the next four: NULL where it is not known to be sent
        marketing     boolean,
        campaign      text,
        at            timestamptz,
        until         timestamptz, -- not sent yet, but reserved until then
        opened_at     timestamptz,
        clicked_at    timestamptz,
        replied_at    timestamptz,
        dismissed_at  timestamptz,
        complained_at timestamptz,
        PRIMARY KEY (profile_id, message_id)
    );
    CREATE INDEX IF NOT EXISTS messages_at ON messages (namespace_id, at);
"""
PUT_STANDINGS = """
    INSERT INTO standings (profile_id, channel, since, until, namespace_id, state, place)
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::timestamptz[], %b::timestamptz[],
        %b::integer[], %b::text[], %b::text[])
"""
PUT_MESSAGES = """
    INSERT INTO messages (profile_id, message_id, namespace_id, channel, marketing, campaign, at,
        until, opened_at, clicked_at, replied_at, dismissed_at, complained_at)
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::integer[], %b::text[], %b::boolean[],
        %b::text[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[],
        %b::timestamptz[], %b::timestamptz[], %b::timestamptz[])
"""
PUT_PLACE = "INSERT INTO places VALUES (%s, %s) ON CONFLICT DO NOTHING"
WHOLE = frozenset({"lineage"})  # everything may be different
STANDINGS = WHOLE | {"consent", "contact", "identity"}
MESSAGES = WHOLE | {"messages"}


class Stand(NamedTuple):
    """How things stand with the address that a channel's messages would go to, from `since` until
    before `until`."""

    channel: Channel
    since: datetime
    until: datetime | None
    state: State
    place: str


class Mail(NamedTuple):
    """A message as far as it is known; `until` where it has not been sent, only reserved."""

    channel: Channel | None = None
    marketing: bool | None = None
    campaign: str | None = None
    at: datetime | None = None
    until: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    dismissed_at: datetime | None = None
    complained_at: datetime | None = None


NOTHING = Mail()
NEVER_ASKED = Consent()


class Reach(Struct, frozen=True):
    """The read model."""

    name: str = "reach"
    tables: str = TABLES
    moved_by: frozenset[str] | None = topics_of("consent", "contact", "identity", "messages")

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        gone = {one for one, held in changes.profiles.items() if held.is_gone}
        here = {one: held for one, held in changes.profiles.items() if one not in gone}
        stood = here.keys() & _concerned(changes.records, STANDINGS)
        wrote = here.keys() & _concerned(changes.records, MESSAGES)
        _forget(connection, "standings", gone | stood)
        _forget(connection, "messages", gone | wrote)
        _put_standings(connection, {one: here[one] for one in sorted(stood)})
        _put_messages(connection, {one: here[one] for one in sorted(wrote)})


def stands(profile: Profile) -> Iterator[Stand]:
    for channel in CHANNELS if profile.consent != NEVER_ASKED else ():
        found = list(_stands(profile, channel))
        if any(stand.state != "never" for stand in found):
            yield from found


def mails(profile: Profile) -> Iterator[tuple[str, Mail]]:
    """Each with its id."""
    for name, message in profile.messages.by_id.items():
        if (mail := mail_of(message)) != NOTHING:
            yield name, mail


def mail_of(message: Message) -> Mail:
    sent = dispatched(message)
    held = None if sent else sending.place_held(message)
    went, told = sent or held, message.moments
    return Mail(
        channel=went.channel if went else None,
        marketing=went.message_class == "marketing" if went else None,
        campaign=(went.source_id or None) if went else None,
        at=went.at if went else None,
        until=held.until if held else None,
        opened_at=told.get("opened"),
        clicked_at=told.get("clicked"),
        replied_at=told.get("replied"),
        dismissed_at=told.get("dismissed"),
        complained_at=told.get("complained"),
    )


def _stands(profile: Profile, channel: Channel) -> Iterator[Stand]:
    before: Stand | None = None
    for since, until in pairwise([BEGINNING, *_ends(profile, channel), None]):
        assert since is not None, "only the last has no end"
        state, place = _stand(profile, channel, since)
        if before and (before.state, before.place) == (state, place):
            before = before._replace(until=until)
            continue
        if before:
            yield before
        before = Stand(channel, since, until, state, place)
    assert before is not None
    yield before


def _stand(profile: Profile, channel: Channel, at: datetime) -> tuple[State, str]:
    address, found = reached_by(profile, channel, at)
    if found.state != "subscribed":  # nobody asks by which clock they may not be written to
        return found.state, ANYWHERE
    phone = address if ADDRESSED_BY.get(channel) == "phone" else None
    return found.state, place_key(sending.whereabouts(profile, phone, None))


def _ends(profile: Profile, channel: Channel) -> list[datetime]:
    """When anything that was agreed to expires."""
    prefix = key_of(channel, "")
    held = (one for key, one in profile.consent.addresses.items() if key.startswith(prefix))
    ends = {grant.value.expires_at for one in held for grant in one.grants.values()}
    return sorted(end for end in ends if end is not None)


def _put_standings(connection: Connection[TupleRow], held: dict[UUID, Resident]) -> None:
    rows = [
        (whose, stand.channel, stand.since, stand.until, one.namespace, stand.state, stand.place)
        for whose, one in held.items()
        for stand in stands(one.profile)
    ]
    if rows:
        connection.execute(PUT_STANDINGS.encode(), [list(each) for each in zip(*rows, strict=True)])
    places = {(namespace, place) for *_, namespace, _, place in rows}
    with connection.cursor() as cursor:
        cursor.executemany(PUT_PLACE, sorted(places))


def _put_messages(connection: Connection[TupleRow], held: dict[UUID, Resident]) -> None:
    rows = [
        (whose, name, one.namespace, *mail)
        for whose, one in held.items()
        for name, mail in mails(one.profile)
    ]
    if rows:
        connection.execute(PUT_MESSAGES.encode(), [list(each) for each in zip(*rows, strict=True)])


def _forget(connection: Connection[TupleRow], table: str, whose: Iterable[UUID]) -> None:
    query = f"DELETE FROM {table} WHERE profile_id = ANY(%b)"  # noqa: S608  # our own name
    connection.execute(query.encode(), (list(whose),), binary=True)


def _concerned(records: Iterable[Record], facets: frozenset[str]) -> set[UUID]:
    return {record.stream for record in records if _facet(record) in facets}


def _facet(record: Record) -> str:
    return str(record.event.__struct_config__.tag).partition(".")[0]

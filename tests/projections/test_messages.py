"""What was heard of messages, whoever stands for the customer, however often it is read."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from aggregates.profile.decide import Command
from aggregates.profile.decisions.message_commands import (
    RecordMessageBounced,
    RecordMessageClicked,
    RecordMessageComplained,
    RecordMessageDelivered,
    RecordMessageDismissed,
    RecordMessageFailed,
    RecordMessageOpened,
    RecordMessageReplied,
    RecordMessageSent,
    ReleaseSend,
    RequestSend,
)
from projections.message_list import Asked, Message, page
from projections.messages import MessageFacts
from tests.actors.shopping import ADA, BOB
from tests.given import NOON
from tests.projections.store import Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")
SENT = RecordMessageSent(message_id="m", channel="email", source="campaign", source_id="autumn")
ASKED = RequestSend(message_id="m", channel="email", message_class="transactional")
LATER = timedelta(minutes=1)


def noticed(store: Store) -> None:
    with running(store, MessageFacts()) as runner:
        catch_up(runner)


def shown(store: Store, *subjects: UUID, **more: Any) -> list[Message]:
    async def read() -> list[Message]:
        async with await psycopg.AsyncConnection.connect(store.dsn) as connection:
            now = more.pop("now", NOON + 10 * LATER)
            return await page(connection, Asked(subjects, now, 50, **more))

    return asyncio.run(read())


def status(store: Store, *commands: Command, **more: Any) -> str:
    for number, command in enumerate(commands):
        store.tell(ADA, command, at=NOON + number * LATER)
    noticed(store)
    (message,) = shown(store, ADA, **more)
    return message.status


@pytest.mark.parametrize(
    ("expected", "heard"),
    [
        ("sent", []),
        ("delivered", [RecordMessageDelivered(message_id="m")]),
        ("dismissed", [RecordMessageDismissed(message_id="m")]),
        ("opened", [RecordMessageOpened(message_id="m"), RecordMessageDelivered(message_id="m")]),
        ("clicked", [RecordMessageClicked(message_id="m"), RecordMessageOpened(message_id="m")]),
        ("replied", [RecordMessageReplied(message_id="m"), RecordMessageClicked(message_id="m")]),
        ("soft_bounced", [RecordMessageBounced(message_id="m", bounce="soft")]),
        ("bounced", [RecordMessageBounced(message_id="m"), RecordMessageOpened(message_id="m")]),
        ("failed", [RecordMessageBounced(message_id="m", bounce="never_left")]),
        ("failed", [RecordMessageFailed(message_id="m")]),
        ("complained", [RecordMessageComplained(message_id="m")]),
    ],
)
def test_what_counts_most_is_the_status(store: Store, expected: str, heard: list[Command]) -> None:
    assert status(store, SENT, *heard) == expected


def test_what_was_never_sent_says_what_became_of_it(store: Store) -> None:
    assert status(store, ASKED) == "reserved"
    (held,) = shown(store, ADA, now=NOON + timedelta(days=1))
    assert held.status == "expired"
    assert status(store, ReleaseSend(message_id="m")) == "released"


def test_the_gate_says_no_and_later_yes(store: Store) -> None:
    no = RequestSend(message_id="m", channel="email", source="automated", source_id="coupon")
    assert status(store, no) == "blocked"
    store.tell(ADA, ASKED, at=NOON + LATER)
    noticed(store)
    assert [message.status for message in shown(store, ADA)] == ["reserved"]


def test_what_comes_after_its_deadline_is_missed(store: Store) -> None:
    late = RequestSend(message_id="m", channel="email", deadline=NOON + LATER)
    assert status(store, late) == "missed"


def test_read_twice_nothing_is_in_it_twice(store: Store) -> None:
    status(store, SENT, RecordMessageOpened(message_id="m"))
    before = store.rows("SELECT * FROM rm_messages.facts ORDER BY stream, version")
    store.execute("DELETE FROM rm_messages.tracking")
    with running(store, MessageFacts()) as again:
        assert catch_up(again) > 0
    assert store.rows("SELECT * FROM rm_messages.facts ORDER BY stream, version") == before


def test_of_a_merged_customer_the_messages_of_both_are_told(store: Store) -> None:
    store.tell(ADA, SENT)
    store.tell(BOB, RecordMessageSent(message_id="b", channel="sms"), at=NOON + LATER)
    store.unite(ADA, BOB, MERGE)
    noticed(store)
    assert [message.message_id for message in shown(store, ADA, BOB)] == ["b", "m"]
    assert [message.message_id for message in shown(store, ADA)] == ["m"]


def test_nothing_personal_is_kept(store: Store) -> None:
    said = RecordMessageSent(
        message_id="m", channel="email", address="canary@mail.example", subject="canary"
    )
    store.tell(ADA, said)
    noticed(store)
    assert "canary" not in str(store.rows("SELECT * FROM rm_messages.facts"))

"""Draft orders: opened, changed, completed, deleted."""

from msgspec.structs import replace

from aggregates.profile.decisions.drafts import RecordDraftDeletion
from aggregates.profile.events.drafts import (
    MAX_DRAFTS,
    Completed,
    Deleted,
    Opened,
    Updated,
    standing,
)
from aggregates.profile.money import Money
from tests.aggregates.profile.signals import DRAFT, HOUR, MINUTE, after, heard, said
from tests.given import NOON, given

TOTAL = Money(8000, "EUR")
OPENED = Opened(draft_id="d1", created_at=NOON, status="open", total=TOTAL)
UPDATED = Updated(draft_id="d1", created_at=NOON, status="open", total=TOTAL)
DELETION = RecordDraftDeletion(draft_id="d1")


def test_the_first_picture_opens_a_draft() -> None:
    given().when(DRAFT).then(OPENED)


def test_a_later_picture_updates_it() -> None:
    given(OPENED).when(replace(DRAFT, status="invoice_sent"), NOON + MINUTE).then(
        replace(UPDATED, status="invoice_sent")
    )


def test_the_same_picture_is_recorded_once() -> None:
    given(OPENED).when(DRAFT).then_nothing()


def test_a_draft_completes_when_its_status_says_so() -> None:
    at = NOON + HOUR
    given(OPENED).when(replace(DRAFT, status="completed", order_id="1001"), at).then(
        replace(UPDATED, status="completed", order_id="1001"), Completed("d1", NOON, at, "1001")
    )


def test_a_draft_completes_at_the_moment_its_shop_names() -> None:
    done = replace(DRAFT, status="completed", completed_at=NOON + MINUTE)
    given().when(done, NOON + HOUR).then(
        replace(OPENED, status="completed", completed_at=NOON + MINUTE),
        Completed("d1", NOON, NOON + MINUTE),
    )


def test_a_completion_is_recorded_once() -> None:
    done = replace(DRAFT, status="completed")
    given(replace(OPENED, status="completed"), Completed("d1", NOON, NOON)).when(
        done, NOON + HOUR
    ).then(replace(UPDATED, status="completed"))


def test_a_deletion_is_recorded_once_even_before_the_draft() -> None:
    given().when(DELETION).then(Deleted("d1"))
    given(Deleted("d1")).when(DELETION).then_nothing()


def test_a_deleted_draft_does_not_stand() -> None:
    assert standing(after(DRAFT).drafts)
    assert not standing(after(DRAFT, DELETION).drafts)
    assert not standing(after(DELETION, DRAFT).drafts)


def test_the_newest_drafts_stay() -> None:
    created = [
        replace(DRAFT, draft_id=f"d{number:03}", created_at=NOON + number * MINUTE)
        for number in range(MAX_DRAFTS + 2)
    ]
    kept = {command.draft_id for command in created[2:]}
    assert set(after(*created).drafts.by_id) == kept
    assert set(after(*reversed(created)).drafts.by_id) == kept


def test_the_newest_deletions_stay() -> None:
    gone = said(*(RecordDraftDeletion(draft_id=f"d{n}") for n in range(MAX_DRAFTS + 2)))
    kept = {f"d{n}" for n in range(2, MAX_DRAFTS + 2)}
    assert set(heard(gone).drafts.deleted) == kept
    assert set(heard(gone[::-1]).drafts.deleted) == kept

"""What attempts add up to."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.faults.attempts import Attempt
from tests.faults.journal import Journal, Window
from tests.faults.sendings import Sending

KILLED_AT = 10.0


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "attempts.jsonl") as opened:
        opened.group({"ada": 0, "bob": 1})
        yield opened


def sent(journal: Journal, name: str, by: str, *attempts: Attempt) -> None:
    sending = Sending(
        id=name, kind="", namespace=1, path="/", headers={}, body=b"long", profile_key=by
    )
    journal.tell(sending)
    for attempt in attempts:
        journal.note(attempt)


def outage(journal: Journal) -> None:
    """At 10 the host of Ada dies, at 12 it is back."""
    sent(
        journal,
        "a",
        "ada",
        Attempt("a", 1, 9.9, 10.1, error="ServerDisconnectedError"),
        Attempt("a", 2, 10.2, 11.0, 503),
        Attempt("a", 3, 11.5, 12.5, 200, result="accepted"),
        Attempt("a", 4, 12.6, 12.7, 200, result="duplicate"),
    )
    sent(journal, "b", "bob", Attempt("b", 1, 10.3, 10.4, 200, result="accepted"))
    sent(journal, "c", "bob", Attempt("c", 1, 11.0, 11.1, 422))
    sent(journal, "d", "ada", Attempt("d", 1, 11.0, 12.0, 503))


def test_each_id_was_acknowledged_refused_or_never_answered(journal: Journal) -> None:
    outage(journal)
    assert journal.acknowledged == {"a": "accepted", "b": "accepted"}
    assert journal.refused == {"c": 422}
    assert journal.unanswered == {"d"}


def test_failures_are_counted_for_a_group_within_a_window(journal: Journal) -> None:
    outage(journal)
    hers = Window(since=KILLED_AT, group=0)
    assert journal.statuses(hers) == {"503": 2, "200": 2}
    assert (journal.failures(hers), journal.server_errors(hers)) == (2, 2)
    assert journal.error_rate(hers) == 0.5
    assert journal.error_rate(Window(since=KILLED_AT, group=1)) == 0
    assert journal.failures() == 3, "the broken connection was sent before"


def test_the_first_success_is_that_of_something_sent_after_the_kill(journal: Journal) -> None:
    sent(journal, "e", "ada", Attempt("e", 1, 9.99, 10.01, 200))
    outage(journal)
    assert journal.first_success_s(Window(since=KILLED_AT, group=0)) == 2.5
    assert journal.first_success_s(Window(since=KILLED_AT)) == pytest.approx(0.4)
    assert journal.first_success_s(Window(since=20)) is None


def test_silence_is_the_longest_time_between_two_successes(journal: Journal) -> None:
    outage(journal)
    assert journal.longest_silence_s(Window(since=KILLED_AT)) == pytest.approx(2.1)


def test_latency_is_that_of_accepted_attempts(journal: Journal) -> None:
    outage(journal)
    assert journal.latency_ms(99, Window(group=1)) == pytest.approx(100)


def test_every_attempt_is_in_the_file_and_no_body_in_memory(
    journal: Journal, tmp_path: Path
) -> None:
    with journal:
        outage(journal)
    lines = (tmp_path / "attempts.jsonl").read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Attempt) for line in lines] == journal.attempts
    assert all(told.body == b"" for told in journal.told.values())

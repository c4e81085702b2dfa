"""From when on a withdrawal of consent keeps everything from going out, whichever process is asked.

Everybody has agreed on every channel and has a message waiting there. One API process acknowledges
that they want no more; from that moment the other one is asked about a message on each channel
until it refuses, and told that those that were waiting are going out now.
"""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median, quantiles
from typing import NamedTuple

from aggregates.profile.channels import CHANNELS
from tests.bench.commands import Answer, Client, command, in_bulk
from tests.bench.place import Bench, Deployment, deployment
from tests.bench.report import Row
from tests.measured import Limit
from tests.places import environment

PART = "unsubscribe"
CUSTOMERS = 300
PATIENCE_S = 10.0  # what is promised
PROCESSES = 2
OPENED_AT_MOST = 500  # connections until the kernel has given one to each process
WHO = re.compile(rb'c360_process_info\{pid="(\d+)"\}')
NEVER_QUIET = {
    "daily_cap": None,
    "fatigue_threshold": None,
    "quiet_hours": {"start": "00:00", "end": "00:00"},
}
PROMISED = (
    Limit("p99 ms", at_most=1_000),
    Limit("allowed afterwards", at_most=0),
    Limit("confirmed afterwards", at_most=0),
)


class Customer(NamedTuple):
    number: int

    @property
    def mail(self) -> str:
        return f"customer-{self.number}@shop.example"

    def address(self, channel: str) -> str:
        if channel == "email":
            return self.mail
        return f"a token of {self.number}" if channel == "push" else f"+4915{self.number:09d}"

    def told(self, kind: str, what: str, **more: object) -> bytes:
        name = f"{what}-{self.number}"
        return command(kind, name, {"email": self.mail}, **more)


class Heard(NamedTuple):
    """Seconds after the acknowledgement; how many were let through after it."""

    refused_after_s: float
    allowed: int
    confirmed: int


def measure(bench: Bench) -> Iterator[Row]:
    with (
        environment({"C360_API_PROCESSES": str(PROCESSES)}),
        deployment(bench.folder / PART) as ours,
        ExitStack() as opened,
    ):
        one, other = _two(ours, opened)
        one.change_settings(messaging=NEVER_QUIET)
        time.sleep(2)  # every process acts on a change within about a second
        customers = [Customer(nth) for nth in range(bench.fewer(CUSTOMERS, 30))]
        _prepare(ours, customers)
        heard = [_unsubscribed(one, other, customer) for customer in customers]
    took = [each.refused_after_s * 1e3 for each in heard]
    figures = {
        "p50 ms": median(took),
        "p99 ms": quantiles(took, n=100, method="inclusive")[-1],
        "withdrawals": len(heard),
        "allowed afterwards": sum(each.allowed for each in heard),
        "confirmed afterwards": sum(each.confirmed for each in heard),
    }
    subject = "acknowledged by one process until another has refused on every channel"
    yield Row(PART, subject, figures, PROMISED)


def _two(ours: Deployment, opened: ExitStack) -> tuple[Client, Client]:
    """Connections to two API processes, kept open."""
    found: dict[bytes, Client] = {}
    for _ in range(OPENED_AT_MOST):
        client = Client(ours)
        opened.callback(client.close)
        found.setdefault(_process(client), client)
        if len(found) == PROCESSES:
            one, other = found.values()
            return one, other
    raise RuntimeError(f"one process took all of {OPENED_AT_MOST} connections")


def _process(client: Client) -> bytes:
    _, said = client.asked("GET", "/metrics")
    who = WHO.search(said)
    assert who is not None, said[:200]
    return who[1]


def _prepare(ours: Deployment, customers: list[Customer]) -> None:
    """Everybody agrees, and has a message reserved on every channel."""
    agreed = [
        one.told("GrantConsent", f"yes-{channel}", channel=channel, address=one.address(channel))
        for one in customers
        for channel in CHANNELS
    ]
    assert {answer.status for answer in in_bulk(ours, agreed).answers} == {200}
    waiting = [
        one.told("RequestSend", f"before-{channel}", channel=channel)
        for one in customers
        for channel in CHANNELS
    ]
    assert all(_is_allowed(answer) for answer in in_bulk(ours, waiting).answers)


def _unsubscribed(one: Client, other: Client, customer: Customer) -> Heard:
    withdrawn = one.one(customer.told("WithdrawConsent", "no", scope="global"))
    acknowledged = time.perf_counter()
    assert withdrawn.status == 200, withdrawn
    allowed = sum(_allowed(other, customer, channel, acknowledged) for channel in CHANNELS)
    refused_after_s = time.perf_counter() - acknowledged
    confirmed = sum(_is_confirmed(other, customer, channel) for channel in CHANNELS)
    return Heard(refused_after_s, allowed, confirmed)


def _allowed(client: Client, customer: Customer, channel: str, since: float) -> int:
    """How many more were allowed there until the first that was refused."""
    tries = 0
    while time.perf_counter() < since + PATIENCE_S:
        asked = customer.told("RequestSend", f"after-{channel}-{tries}", channel=channel)
        answer = client.one(asked)
        if not _is_allowed(answer):
            assert answer.decision is not None, answer
            assert answer.decision.reason == "globally_unsubscribed", answer
            return tries
        tries += 1
    return tries


def _is_confirmed(client: Client, customer: Customer, channel: str) -> bool:
    message = f"before-{channel}-{customer.number}"
    answer = client.one(customer.told("RecordMessageSent", f"out-{channel}", message_id=message))
    assert answer.code in ("", "consent_withdrawn"), answer
    return not answer.code


def _is_allowed(answer: Answer) -> bool:
    return answer.decision is not None and answer.decision.allowed

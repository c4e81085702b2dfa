"""Webhooks in any number: signed, each new, from `wrk`, which is a C program.

Nobody sends again what was refused: the offer is meant to stay as great as it is. wrk takes
processor time of the same machine, for the signatures too.
"""

import shutil
import subprocess
from itertools import count
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.faults.ledger import number
from tests.faults.place import Place, World
from tests.faults.stage import Skipped
from tests.faults.traffic import Sending, Traffic

SCRIPT = Path(__file__).with_name("flood.lua")
TIMEOUT_S = 10  # for one answer
ENDS_S = 30.0  # after its time
NUMBER, SIGNATURE = "@" * 18, "#" * 18  # stand for themselves until wrk fills them in
HMAC, WEBHOOK_ID, EVENT_ID = (f"X-Shopify-{it}" for it in ("Hmac-Sha256", "Webhook-Id", "Event-Id"))
FIRST_RUN = 700_000_000  # the numbers of what it sends have nine more digits
RUNS = count(FIRST_RUN)
LEAVES = {"orders/create": "orders.placed", "checkouts/create": "checkouts.opened"}
STORED = """
    SELECT {what} FROM (
        SELECT convert_from(state, 'UTF8')::jsonb ->> 'command_id' AS command FROM events
        WHERE namespace_id = %s AND topic = %s
    ) AS stored
"""


class Named(Struct):
    """What a body says by which its subject is told apart; a checkout has no id."""

    token: str
    id: int | None = None


class Flooded(Struct, frozen=True):
    """What wrk saw. `broken` are connections and answers that failed or never came."""

    seconds: float
    sent: int
    broken: int
    p50_ms: float
    p99_ms: float
    statuses: dict[str, int]

    @property
    def offered_per_s(self) -> float:
        return self.sent / self.seconds

    @property
    def accepted(self) -> int:
        return self.statuses.get("200", 0)

    @property
    def accepted_per_s(self) -> float:
        return self.accepted / self.seconds

    @property
    def unexpected(self) -> int:
        """Answers that are neither a yes nor a request to come again."""
        expected = ("200", "429", "503")
        return sum(seen for status, seen in self.statuses.items() if status not in expected)


class Flood:
    """Of one topic, to one shop, which should be the flood's alone."""

    def __init__(
        self, folder: Path, world: World, customers: int, topic: str = "orders/create"
    ) -> None:
        if shutil.which("wrk") is None:
            raise Skipped("the load comes from wrk, which is not installed")
        self._world = world
        self._leaves = LEAVES[topic]
        self._file = folder / "templates"
        traffic = Traffic(seed=5, world=world, customers=customers, mix={topic: 1})
        sendings = (one for one in traffic.take(customers) if one.kind == topic)
        self._file.write_bytes(b"".join(map(_template, sendings)))
        self._accepted = 0

    def run(self, connections: int, seconds: int, per_s: float = 0) -> Flooded:
        """With `per_s` that many are offered, else as many as are answered."""
        command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s"]
        command += [f"--timeout={TIMEOUT_S}s", f"--script={SCRIPT}", "--", self._world.url]
        command += [str(self._file), self._world.secret, str(next(RUNS)), str(per_s)]
        done = subprocess.run(  # noqa: S603 - our own arguments
            command, capture_output=True, text=True, check=False, timeout=seconds + ENDS_S
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if not lines:
            raise RuntimeError(f"wrk did not come to its end:\n{done.stdout}{done.stderr}")
        flooded = msgspec.json.decode(lines[-1], type=Flooded)
        self._accepted += flooded.accepted
        return flooded

    def proof(self, place: Place) -> dict[str, int]:
        """Whether all that was accepted so far is stored, once."""
        whose = (self._world.namespace, self._leaves)
        with place.connected() as connection:
            stored = number(connection, STORED.format(what="count(*)"), *whose)
            once = number(connection, STORED.format(what="count(DISTINCT command)"), *whose)
        return {
            "accepted": self._accepted,
            "accepted and not stored": max(0, self._accepted - once),
            "stored twice": stored - once,
        }


def _template(sending: Sending) -> bytes:
    """A request behind its lengths, without what makes it this one."""
    named = msgspec.json.decode(sending.body, type=Named)
    name = named.token if named.id is None else str(named.id)
    body = sending.body.replace(name.encode(), NUMBER.encode())
    given = {"Host": "127.0.0.1", "Content-Length": str(len(body))}
    own = {HMAC: SIGNATURE, WEBHOOK_ID: NUMBER, EVENT_ID: NUMBER}
    headers = {**given, **sending.headers, **own}
    lines = [f"POST {sending.path} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    head = "\r\n".join([*lines, "", ""]).encode()
    return b"%08d%b%08d%b" % (len(head), head, len(body), body)

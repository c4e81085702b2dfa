"""That what was answered with 200 is in the database: speed nobody paid for with webhooks."""

from collections.abc import Sequence

import httpx
import psycopg

from aggregates.log.keys import read_keyring
from config.database import running_database
from tests.bench.place import Deployment
from tests.bench.report import Row
from tests.measured import Limit

PART = "webhooks"
ACCEPTED = 'c360_webhooks_total{result="accepted"} '
NAMESPACE = "SELECT namespace_id FROM namespaces WHERE environment = 'live'"
STORED = "SELECT count(*) FROM commands WHERE key = ANY(%s)"
PLACED = "SELECT count(*) FROM events WHERE topic = 'orders.placed'"
DELIVERED = "SELECT count(*) FROM customers_events WHERE topic LIKE '%Delivery.Created'"
AT_ONCE = 10_000


def of_ours(ours: Deployment, webhook_ids: Sequence[str], answered: int) -> Row:
    """Counts the command ids of exactly these webhooks."""
    with running_database(ours.settings) as dsn, psycopg.connect(dsn) as connection:
        digest = (
            read_keyring(ours.settings.master_key_file)
            .namespace(_count(connection, NAMESPACE))
            .digest
        )
        keys = [digest("command", f"shopify:{webhook_id}") for webhook_id in webhook_ids]
        chunks = [keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE)]
        stored = sum(_count(connection, STORED, chunk) for chunk in chunks)
        placed = _count(connection, PLACED)
    accepted = accepted_by(ours.url)
    figures = {
        "200 seen": answered,
        "accepted": accepted,
        "command ids stored": stored,
        "orders placed": placed,
        "accepted and not stored": max(answered, accepted, placed) - stored,
    }
    return Row(PART, "ours: proof by SQL", figures, (Limit("accepted and not stored", at_most=0),))


def of_stock(dsn: str, answered: int) -> Row:
    with psycopg.connect(dsn) as connection:
        stored = _count(connection, DELIVERED)
    return Row(PART, "stock: proof by SQL", {"200 seen": answered, "deliveries stored": stored})


def accepted_by(url: str) -> int:
    """As the API process itself has counted."""
    lines = httpx.get(f"{url}/metrics", timeout=10).text.splitlines()
    found = [line.removeprefix(ACCEPTED) for line in lines if line.startswith(ACCEPTED)]
    return int(float(found[0])) if found else 0


def _count(connection: psycopg.Connection, query: str, *parameters: object) -> int:
    row = connection.execute(query.encode(), parameters or None).fetchone()
    assert row is not None
    return int(row[0])

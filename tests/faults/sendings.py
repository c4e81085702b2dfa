"""One request to come: a signed webhook or a command, with what it must leave in the log."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from api.demo.seeds import chance
from api.demo.webhooks import Webhook, sign
from api.intake import hooks
from api.routes import commands
from tests.faults.worlds import World

AT_ONCE_SHARE = 0.5  # of the repeats; they come together with what they repeat


class Sending(Struct, frozen=True, kw_only=True):
    """One request. `id` is the command id its events bear in the log of `namespace`.

    `profile_key` is the customer's id at Shopify. `leaves` is a topic of which exactly one event
    must be in the log once this was acknowledged, where that is certain.
    """

    id: str
    kind: str
    namespace: int
    path: str
    headers: Mapping[str, str]
    body: bytes
    profile_key: str
    leaves: str | None = None


def webhook(world: World, told: Webhook, customer: int, leaves: str | None) -> Sending:
    headers, body = sign(told, world.secret)
    return Sending(
        id=f"shopify:{told.webhook_id}",
        kind=told.topic,
        namespace=world.namespace,
        path=hooks.PATH,
        headers=headers,
        body=body,
        profile_key=str(customer),
        leaves=leaves,
    )


def command(
    world: World, name: str, told: Mapping[str, object], customer: int, leaves: str | None
) -> Sending:
    """`told` has the members `type` and what the command wants; who and which is added."""
    authorized = {"Authorization": f"Bearer {world.api_key}"}
    whom = {"shopify_customer_id": str(customer)}
    return Sending(
        id=name,
        kind=str(told["type"]),
        namespace=world.namespace,
        path=commands.PATH,
        headers={**authorized, "Content-Type": "application/json"},
        body=msgspec.json.encode({**told, "id": name, "profile": whom}),
        profile_key=str(customer),
        leaves=leaves,
    )


def repeated(sendings: Iterable[Sending], seed: int, window: int, times: int = 5) -> list[Sending]:
    """Each comes 1 to `times` times, some at once with themselves, all within `window` places.

    Permutes as well: `times=1` only permutes.
    """
    dice = chance("repeated", seed)
    places: list[tuple[float, int, Sending]] = []
    for place, sending in enumerate(sendings):
        arrives = place + dice.uniform(0, window)
        for _ in range(dice.randint(1, times)):
            places.append((arrives, len(places), sending))
            if dice.random() >= AT_ONCE_SHARE:
                arrives = place + dice.uniform(0, window)
    return [sending for *_, sending in sorted(places, key=lambda entry: entry[:2])]

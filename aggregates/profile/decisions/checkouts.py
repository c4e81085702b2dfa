"""When a checkout opens, moves on, is left behind or comes back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, TypeAlias, assert_never

from msgspec import Meta, Struct

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.orders import Id, Items, RecordOrder
from aggregates.profile.events.checkouts import (
    Abandoned,
    Checkout,
    Completed,
    Deleted,
    Event,
    Opened,
    Recovered,
    Updated,
    picture_of,
    seen,
    was_left,
)
from aggregates.profile.latest import says_more
from aggregates.profile.money import Price, money
from aggregates.profile.profile import Profile


class CheckoutCommand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Marks every checkout command."""


class RecordCheckout(CheckoutCommand, frozen=True, tag="RecordCheckout", kw_only=True):
    """A checkout as it stood at `occurred_at`, known by its token in every API version."""

    token: Id
    started_at: datetime
    total: Price | None = None
    cart_token: Id | None = None
    completed_at: datetime | None = None
    abandoned: bool = False
    items: Items = ()


class RecordCheckoutDeletion(
    CheckoutCommand, frozen=True, tag="RecordCheckoutDeletion", kw_only=True
):
    token: Annotated[str, Meta(min_length=1, max_length=255)]


Command: TypeAlias = RecordCheckout | RecordCheckoutDeletion


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    match command:
        case RecordCheckout():
            yield from _checkout(profile, command, context)
        case RecordCheckoutDeletion():
            held = profile.checkouts.deleted.get(command.token)
            if held is None or context.occurred_at < held:
                yield Deleted(command.token)
        case _:
            assert_never(command)


def completed_by(profile: Profile, command: RecordOrder) -> Iterator[Event]:
    """An order ends the checkout it came from, if we know that one; else `decide` sees to it."""
    if command.checkout_token is None:
        return
    if checkout := profile.checkouts.by_token.get(command.checkout_token):
        yield from _completed(command.checkout_token, checkout, command.placed_at)


def _checkout(profile: Profile, command: RecordCheckout, context: Context) -> Iterator[Event]:
    token, at = command.token, context.occurred_at
    held = profile.checkouts.by_token.get(token)
    event = _pictured(Updated if held else Opened, command)
    if held is None or says_more(held.picture, picture_of(event), context.stamp):
        yield event
    if command.abandoned and (held is None or at not in held.left):
        yield Abandoned(token, command.started_at)
    ends = [end for end in (command.completed_at, profile.orders.checkouts.get(token)) if end]
    if ends:
        yield from _completed(token, seen(held, event, at), min(ends))


def _completed(token: str, checkout: Checkout, at: datetime) -> Iterator[Event]:
    """Recorded when first heard of, and again when it turns out to be earlier."""
    if checkout.completed_at is None or at < checkout.completed_at:
        kind = Recovered if was_left(checkout, at) else Completed
        yield kind(token, checkout.started_at, at)


def _pictured(kind: type[Opened] | type[Updated], command: RecordCheckout) -> Opened | Updated:
    return kind(
        token=command.token,
        started_at=command.started_at,
        total=money(command.total) if command.total else None,
        cart_token=command.cart_token,
        completed_at=command.completed_at,
        abandoned=command.abandoned,
        items=command.items,
    )

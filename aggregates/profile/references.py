"""Which things a command speaks of, so that whoever owns them can be looked up."""

from collections.abc import Iterator

from aggregates.profile.decide import Command
from aggregates.profile.decisions import checkouts, drafts, orders, visits
from aggregates.profile.identifiers import Identifier, Reference


def references_of(command: Command) -> tuple[Identifier, ...]:
    """Only what a signal names can be claimed for its profile."""
    return tuple(Identifier(kind, value) for kind, value in _named(command) if value)


def _named(command: Command) -> Iterator[tuple[Reference, str | None]]:
    match command:
        case orders.RecordReturn():
            yield "return", command.return_id
            yield "order", command.order_id
        case orders.OrderCommand():
            yield "order", command.order_id
            yield "checkout", getattr(command, "checkout_token", None)
            yield "cart", getattr(command, "cart_token", None)
        case checkouts.RecordCheckout():
            yield "checkout", command.token
            yield "cart", command.cart_token
        case checkouts.RecordCheckoutDeletion():
            yield "checkout", command.token
        case drafts.DraftCommand():
            yield "draft", command.draft_id
        case visits.RecordCart():
            yield "cart", command.cart_token
        case visits.RecordCheckoutStep():
            yield "checkout", command.checkout_token

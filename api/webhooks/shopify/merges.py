"""Two accounts that the shop has made one: the shop knows, so nothing is weighed."""

from msgspec import Struct
from msgspec.json import Decoder

from actors.signals import Step
from aggregates.profile.decisions.lineage import UniteAccounts
from aggregates.profile.identifiers import Identifier
from api.webhooks.shopify import bodies
from api.webhooks.shopify.news import Heard, News
from api.webhooks.shopify.refusals import NotYetHandled
from api.webhooks.shopify.scalars import AN_ID, required, resource_id

TOPIC = "customers/merge"
DONE = frozenset({"success", "succeeded", "complete", "completed"})  # Shopify publishes a failure


class CustomerMerge(Struct, gc=False):
    admin_graphql_api_customer_kept_id: str | None = None
    admin_graphql_api_customer_deleted_id: str | None = None
    status: str | None = None


_MERGE = Decoder(CustomerMerge)


def united(body: bytes, heard: Heard) -> News:
    """Raises NotYetHandled where the shop has not merged them (yet)."""
    merge = bodies.decoded(_MERGE, body)
    if (merge.status or "").lower() not in DONE:
        raise NotYetHandled(TOPIC, "the shop has not merged these two: nothing is to be done")
    kept = _account(merge.admin_graphql_api_customer_kept_id, "kept")
    gone = _account(merge.admin_graphql_api_customer_deleted_id, "deleted")
    command = UniteAccounts(kept.value, gone.value)
    steps = (Step(heard.at, command),)
    # the account that is gone leads to whoever has it, and has no say in whose signal this is
    return News(heard.at, (kept, gone), steps, timeless=True, powerless=(gone,))


def _account(gid: str | None, which: str) -> Identifier:
    field = f"$.admin_graphql_api_customer_{which}_id"
    return Identifier("shopify_customer_id", required(resource_id(None, gid), field, AN_ID))

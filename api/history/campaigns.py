"""The campaigns a customer took part in, and what became of their messages."""

from datetime import datetime

from msgspec import Struct

from aggregates.profile.channels import SendSource
from api.history.links import Links
from projections.message_list import Campaign


class CampaignView(Struct, frozen=True):
    """How many messages of a campaign the customer was meant to have, and what became of them.
    `acted`: clicked or replied to."""

    source: SendSource
    campaign: str
    first_at: datetime
    last_at: datetime
    messages: int
    sent: int
    delivered: int
    opened: int
    acted: int
    blocked: int
    href: str


class CampaignPage(Struct, frozen=True):
    """The last first."""

    items: list[CampaignView]
    next_cursor: str | None = None


def campaign_view(found: Campaign, links: Links) -> CampaignView:
    return CampaignView(
        source=found.source,
        campaign=found.source_id,
        first_at=found.first_at,
        last_at=found.last_at,
        messages=found.messages,
        sent=found.sent,
        delivered=found.delivered,
        opened=found.opened,
        acted=found.acted,
        blocked=found.blocked,
        href=links.listed("messages", campaign=found.source_id),
    )

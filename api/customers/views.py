"""The JSON of the list of customers. What is not known is null."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aggregates.profile.events.lifecycle import Stage
from aggregates.profile.money import Money, Price, price
from projections.customer_list import Customer


class CustomerView(Struct, frozen=True, kw_only=True):
    """`name` is the e-mail, else the phone, where no name is known. `stage` is that of now."""

    id: UUID
    name: str | None
    email: str | None
    phone: str | None
    company: str | None
    city: str | None
    country: str | None
    sources: list[str]
    order_count: int
    lifetime_spend: Price | None
    average_order_value: Price | None
    last_order_at: datetime | None
    stage: Stage | None
    created_at: datetime
    last_activity_at: datetime | None


class CustomerPage(Struct, frozen=True):
    """`exact`: whose e-mail `q` is; on the first page that one comes first, if the filters let it
    through."""

    items: list[CustomerView]
    next_cursor: str | None = None
    exact: UUID | None = None


def customer_view(row: Customer, stage: Stage | None) -> CustomerView:
    return CustomerView(
        id=row.profile_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        company=row.company,
        city=row.city,
        country=row.country,
        sources=row.sources,
        order_count=row.orders,
        lifetime_spend=_price(row.spend, row.currency),
        average_order_value=_price(row.average, row.currency),
        last_order_at=row.last_order_at,
        stage=stage,
        created_at=row.created_at,
        last_activity_at=row.last_activity_at,
    )


def _price(minor: int, currency: str | None) -> Price | None:
    return price(Money(minor, currency)) if currency else None

"""What never became an order: checkouts left behind, drafts nobody paid."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from aggregates.log.record import Record
from aggregates.profile.events import checkouts, drafts
from aggregates.profile.items import Item
from aggregates.profile.latest import Stamp
from aggregates.profile.money import Money
from aggregates.profile.profile import Profile
from api.history.customer import Customer
from api.history.order_shape import Kind
from api.ports import Ports
from api.read_models import reading
from projections.order_list import Place
from projections.timeline import Newest, page

MOST_EVENTS = 500  # that are read for the lines of these; of one older than that, none are shown
KINDS = ("checkout", "draft")


class Unpaid(NamedTuple):
    """`subject` is whose it is; None where its event is older than those that were read."""

    kind: Kind
    id: str
    at: datetime
    status: str
    name: str | None
    total: Money | None
    items: Sequence[Item] = ()
    subject: str | None = None

    @property
    def place(self) -> Place:
        return Place(self.at, self.kind, self.id)

    def has(self, text: str) -> bool:
        said = [self.id, self.name, *(t for item in self.items for t in (item.title, item.sku))]
        return any(text.casefold() in one.casefold() for one in said if one)


async def unpaid(ports: Ports, namespace: int, whose: Customer, now: datetime) -> list[Unpaid]:
    """Newest first, with their lines."""
    found = [*_left(whose.profile, now), *_drafts(whose.profile)]
    if not found:
        return []
    async with reading(ports.pool) as connection:
        places = await page(connection, Newest(whose.subjects, KINDS, None, MOST_EVENTS))
    records = await ports.histories.listed(namespace, [(p.stream, p.version) for p in places])
    pictures = _pictures(records)
    told = [_with_lines(one, pictures.get((one.kind, one.id))) for one in found]
    return sorted(told, key=lambda one: one.place, reverse=True)


def _left(profile: Profile, now: datetime) -> Iterator[Unpaid]:
    for token, held in checkouts.standing(profile.checkouts).items():
        if checkouts.status(held, now) == "abandoned":
            total = held.picture.value.total if held.picture else None
            yield Unpaid("checkout", token, held.started_at, "abandoned", None, total)


def _drafts(profile: Profile) -> Iterator[Unpaid]:
    for draft_id, held in drafts.standing(profile.drafts).items():
        if held.completed_at is None and held.picture and not held.picture.value.order_id:
            shown = held.picture.value
            yield Unpaid("draft", draft_id, held.created_at, shown.status, None, shown.total)


def _pictures(records: Sequence[Record]) -> dict[tuple[str, str], Record]:
    """The newest of each."""
    newest: dict[tuple[str, str], tuple[Stamp, Record]] = {}
    for record in records:
        if (key := _key(record)) is not None:
            stamp = record.happened.stamp
            if key not in newest or stamp > newest[key][0]:
                newest[key] = (stamp, record)
    return {key: record for key, (_, record) in newest.items()}


def _key(record: Record) -> tuple[str, str] | None:
    match record.event:
        case checkouts.Pictured(token=token):
            return "checkout", token
        case drafts.Pictured(draft_id=draft_id):
            return "draft", draft_id
    return None


def _with_lines(one: Unpaid, picture: Record | None) -> Unpaid:
    if picture is None:
        return one
    event = picture.event
    assert isinstance(event, checkouts.Pictured | drafts.Pictured)
    name = event.name if isinstance(event, drafts.Pictured) else None
    return one._replace(items=event.items, name=name, subject=str(picture.subject))

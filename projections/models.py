"""The read models that are kept up to date."""

from aggregates.log.keys import Keyring
from projections.changes import ChangeFeed
from projections.customers import Customers
from projections.likeness import Likeness
from projections.messages import MessageFacts
from projections.purchases import Purchases
from projections.reach import Reach
from projections.readmodel import ReadModel
from projections.segments.membership import Segments
from projections.stages import Stages
from projections.timeline import Timeline
from projections.visits import VisitTimes
from projections.windows import Windows


def read_models(keyring: Keyring) -> list[ReadModel]:
    return [*looked_at(), Likeness(keyring)]


def looked_at() -> list[ReadModel]:
    """By people and platforms, in the order in which a page goes through them. What other workers
    wait for until the page is committed comes late: words that many customers have, then the feed.
    """
    windows = Windows()
    return [
        Stages(windows.of, look=windows.look),
        Purchases(),
        Reach(),
        VisitTimes(),
        Timeline(),
        MessageFacts(),
        Customers(),
        Segments(windows),
        ChangeFeed(),
    ]

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
    windows = Windows()
    return [
        Likeness(keyring),
        Stages(windows.of, look=windows.look),
        Customers(),
        Purchases(),
        Reach(),
        VisitTimes(),
        Timeline(),
        MessageFacts(),
        Segments(windows),
        ChangeFeed(),
    ]

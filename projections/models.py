"""The read models that are kept up to date."""

from aggregates.log.following import Following
from aggregates.log.keys import Keyring
from aggregates.log.port import EventLog
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
from projections.windows import Windows


def read_models(log: EventLog, keyring: Keyring) -> list[ReadModel]:
    windows, load = Windows(), Following(log, keyring).profiles
    return [
        Likeness(keyring, load),
        Stages(windows.of, look=windows.look),
        Customers(),
        Purchases(load),
        Reach(),
        Timeline(),
        MessageFacts(),
        Segments(windows),
        ChangeFeed(),
    ]

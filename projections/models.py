"""All read models there are."""

from aggregates.log.following import Following
from aggregates.log.keys import Keyring
from aggregates.log.port import EventLog
from projections.changes import ChangeFeed
from projections.likeness import Likeness
from projections.readmodel import ReadModel
from projections.stages import Stages
from projections.windows import Windows


def read_models(log: EventLog, keyring: Keyring) -> list[ReadModel]:
    windows = Windows()
    return [
        Likeness(keyring, Following(log, keyring).profiles),
        Stages(windows.of, look=windows.look),
        ChangeFeed(),
    ]

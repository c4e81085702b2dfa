"""News that came before what it is about waits as letters; a state is final once none waits."""

from tests.faults.ledger import number
from tests.faults.place import Place
from tests.faults.waiting import until
from tests.faults.worlds import World

WAITING = "SELECT count(*) FROM dead_letters WHERE status = 'open' AND namespace_id = %s"
PATIENCE_S = 60.0  # the pauses between tries of one letter double


def until_none_wait(place: Place, *worlds: World) -> None:
    with place.connected() as connection:

        def none_wait() -> bool:
            return not any(number(connection, WAITING, world.namespace) for world in worlds)

        until(none_wait, PATIENCE_S, "letters still wait")

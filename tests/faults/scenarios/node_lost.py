"""On a Ray cluster of several nodes one of them is lost: killed, frozen, replaced; or the head.

Its hosts start on another node, and what they owned goes on there. A node that was only thought
dead wakes up with a host that still believes in its shards: what it writes then is refused, or is
what nobody else has written. Nothing acknowledged is lost, nothing is written twice.

Mechanism: hosts are detached actors with `max_restarts` and only a soft affinity to their node.
The log's keys refuse whoever writes a version or a position second, and the host that was refused
forgets what it believed and reads again. A frozen host's open transaction is ended by the database
(`idle_in_transaction_session_timeout`). When a head comes back, the supervisor creates the hosts
anew and renews the API processes.
"""

from tests.faults.losses.frozen import frozen_idle, frozen_in_transaction
from tests.faults.losses.head import head_lost_briefly, head_lost_for_long
from tests.faults.losses.killed import killed, killed_and_replaced
from tests.faults.losses.parted import parted
from tests.faults.report import Finding
from tests.faults.spread import spread
from tests.faults.stage import Stage


def run(stage: Stage) -> list[Finding]:
    if stage.quick:
        with spread(stage, {}) as place:
            return [killed(stage, place)]
    return [
        *killed_and_replaced(stage),
        frozen_idle(stage),
        frozen_in_transaction(stage),
        *parted(stage),
        head_lost_briefly(stage),
        head_lost_for_long(stage),
    ]

"""No body makes us stumble, whichever way it comes in."""

import pytest

from tests.fuzz.doors import DOORS, Door
from tests.fuzz.poison import BODIES
from tests.fuzz.world import World


@pytest.mark.parametrize("door", DOORS, ids=str)
@pytest.mark.parametrize("name", BODIES)
def test_a_poisonous_body_is_refused_or_kept(world: World, door: Door, name: str) -> None:
    answer = door.send(world, BODIES[name])
    if door.signed:
        assert (answer.status, answer.json()) == (200, {"result": "kept"})
    elif door.by_line and answer.status == 200:
        refused = answer.json()["refused"] if b"refused" in answer.body else answer.lines()
        assert {line.get("why", line)["status"] for line in refused} <= {400, 422}
        assert refused
    else:
        assert answer.status in (400, 413, 422)
        assert len(answer.body) < 20_000, "we do not repeat what we were sent"

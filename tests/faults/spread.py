"""A deployment that joined somebody else's Ray, with its hosts spread over the nodes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

from config.settings import Settings
from tests.faults.nodes import IMPATIENT, Cluster, Node, cluster
from tests.faults.place import Place
from tests.faults.serving import served
from tests.faults.stage import Stage
from tests.places import free_port


class Spread(Place):
    """Its hosts are no children of its supervisor, but of the nodes of `cluster`."""

    def __init__(self, settings: Settings, supervisor: psutil.Process, cluster: Cluster) -> None:
        self.cluster = cluster
        super().__init__(settings, supervisor)

    def hosts(self) -> list[psutil.Process]:
        return self.cluster.hosts()

    def node_of(self, number: int) -> Node:
        """Where host `number` lives."""
        host = self.host(number)
        return next(node for node in self.cluster.nodes if host in node.hosts())

    def number_on(self, node: Node) -> int:
        """The one host that lives on this node."""
        (number,) = (n for n in range(self.settings.hosts) if self.node_of(n) is node)
        return number


@contextmanager
def spread(
    stage: Stage,
    *nodes: Mapping[str, str],
    patience: Mapping[str, str] = IMPATIENT,
    **settings: str | int,
) -> Iterator[Spread]:
    """Over a head and as many further nodes as are given, by their variables; one host on each."""
    with cluster(stage.folder, patience) as joined:
        for variables in nodes:
            joined.join(variables)
        with server(stage, joined, hosts=1 + len(nodes), **settings) as place:
            crowds = {node.address: len(node.hosts()) for node in joined.nodes}
            assert set(crowds.values()) == {1}, f"one host on each node, not {crowds}"
            yield place


@contextmanager
def server(stage: Stage, joined: Cluster, **settings: str | int) -> Iterator[Spread]:
    """On the same data folder at each call: another run of the same deployment."""
    folder = stage.folder / "place"
    folder.mkdir(mode=0o711, exist_ok=True)
    usual = Settings(data_dir=folder / "data", port=free_port(), ray_address=joined.address)
    chosen = Settings.model_validate({**usual.model_dump(), **settings})
    with served(chosen, joined.authentication, hasty=stage.quick) as supervisor:
        yield Spread(chosen, supervisor, joined)

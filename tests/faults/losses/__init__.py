"""How a node of a Ray cluster is lost, one way a module: the parts of the scenario `node_lost`."""

"""A database on the other side of a network that fails as told."""

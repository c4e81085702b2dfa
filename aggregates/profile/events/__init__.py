"""One module a facet: its events, its slice of state, its evolve."""

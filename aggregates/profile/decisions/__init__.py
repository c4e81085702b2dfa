"""One module a facet: its commands and when they are allowed."""

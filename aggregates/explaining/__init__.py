"""Why two are one customer or why they are not, and what says so, from the events alone. Pure."""

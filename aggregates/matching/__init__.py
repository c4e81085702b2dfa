"""Who might be the same person: what two profiles have in common, what speaks against, how much."""

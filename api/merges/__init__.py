"""Merges, their reversal and merge candidates, as people and platforms ask for them."""

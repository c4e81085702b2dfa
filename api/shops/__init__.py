"""Shops, their environments, keys and secrets, and finding them again."""

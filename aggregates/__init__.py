"""What may happen to a profile and to a shop, and the log that remembers it."""

"""What a shop decides about its own profiles. Pure."""

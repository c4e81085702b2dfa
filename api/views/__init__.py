"""From state and records to the JSON that clients read."""

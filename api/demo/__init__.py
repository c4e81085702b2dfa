"""A believable shop: its history, the webhooks of that history, and the proof that they arrived."""

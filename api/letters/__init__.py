"""Deliveries kept whole because they could not be processed yet."""

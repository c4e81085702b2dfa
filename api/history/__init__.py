"""One customer's history in pages: the timeline, orders, messages, properties."""

"""The only place that knows `eventsourcing` and the events table."""

"""The profile aggregate: events, decisions and state of one shopper. Pure."""

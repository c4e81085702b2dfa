"""The edge: HTTP, webhooks, the command line. Parses, calls, answers."""

"""May this message go out now: caps, fatigue and quiet hours, from plain facts. Pure."""

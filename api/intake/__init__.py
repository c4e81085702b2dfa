"""From what is sent to us to signals, and from outcomes to answers."""

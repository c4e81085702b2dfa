"""How well persons are recognised, judged by sets of which the truth is known."""

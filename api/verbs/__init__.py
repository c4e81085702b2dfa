"""The verbs of `c360`, one module each."""

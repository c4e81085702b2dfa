"""Read models: what lists and segments are answered from, rebuilt from the log at will."""

"""Everything that waits, locks or talks on the way from a signal to the log."""

"""The list of customers: what is asked of it, how it is searched, what it shows."""

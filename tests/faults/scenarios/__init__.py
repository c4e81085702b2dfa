"""One fault a module: what is broken, what must hold, and what in the product makes it hold."""

"""Settings from the environment, the database they lead to, and the tables it must hold."""

"""From a file of contacts to what the server is told, line by line."""

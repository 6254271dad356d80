"""How well photos are read, how fast, and what hostile ones do."""

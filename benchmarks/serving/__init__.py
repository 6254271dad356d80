"""The bot under load, under kills, in a class, on bad days."""

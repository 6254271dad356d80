"""Incoming and outgoing messages: sender, addressee, picture; replies and buttons."""

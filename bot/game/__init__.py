"""The rounds of /demo."""

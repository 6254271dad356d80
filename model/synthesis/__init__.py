"""Generated pages and characters, for training and evaluation."""

"""Pages and characters made by procedure, for training and for measuring."""

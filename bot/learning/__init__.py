"""Learning from corrections, and the versions of the model in a running bot."""

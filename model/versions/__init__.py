"""Versions of the model on disk: added, promoted, rolled back, each there whole or not at all."""

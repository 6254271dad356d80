"""The sets of handwriting to learn from: where each is fetched, checked, cached and read."""

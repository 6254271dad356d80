"""The handwriting datasets: downloaded, verified, cached and read."""

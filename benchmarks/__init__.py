"""What the product is worth and what it costs, measured: each program prints a figure beside something."""

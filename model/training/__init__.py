"""Training: networks, data, loop, export, fine-tuning and the promotion gate."""

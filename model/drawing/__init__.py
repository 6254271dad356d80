"""Pictures for people: what was found in a photo, how it was read, and what came of a round or a training."""

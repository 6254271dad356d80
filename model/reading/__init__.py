"""From the bytes of a photo to its Reading. Nothing is imported here: OpenCV and LiteRT are for readers alone."""

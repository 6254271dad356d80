"""Why a picture may be hard to read, told from measures of it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.result import Box, Hint


def hint(grey: NDArray[np.uint8], boxes: Sequence[Box], size: tuple[int, int]) -> Hint | None:
    """What may be wrong with a picture, from measures of it."""
    if float(np.percentile(grey, 90)) < 70:
        return Hint.DARK
    if float((grey >= 253).mean()) > 0.02 and float(np.median(grey)) < 200:
        return Hint.GLARE
    if any(b.x <= 0 or b.y <= 0 or b.x + b.width >= size[0] or b.y + b.height >= size[1] for b in boxes):
        return Hint.CUT_OFF
    if boxes and max(b.height for b in boxes) < 14:
        return Hint.SMALL
    return Hint.BLURRED if float(cv2.Laplacian(grey, cv2.CV_32F).var()) < 4 else None

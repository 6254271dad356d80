"""Frames drawn or printed around digits: boxes to fill in, cells of a table."""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.result import Box

ROUGHLY = 0.04  # of the outline's length: corners are told at this precision
STRAIGHT = 0.92  # of its hull: a quadrangle with these corners covers at least so much
OPEN = 0.5  # of a frame's area: more ink than that is no outline
SMALLEST = 12  # pixels: lower ones hold no digit


def frames(mask: NDArray[np.uint8]) -> list[Box]:
    """The outermost quadrangles of a 0/1 mask (height, width) that are outlines, touched from inside or not."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        box = Box(*cv2.boundingRect(contour))
        if min(box.width, box.height) >= SMALLEST and _is_quadrangle(contour):
            ink = cv2.countNonZero(mask[box.y : box.y + box.height, box.x : box.x + box.width])
            if ink < OPEN * cv2.contourArea(contour):
                found.append(box)
    return found


def is_frame(mask: NDArray[np.bool_]) -> bool:
    """Whether one piece of ink is a frame."""
    return min(mask.shape) >= SMALLEST and any(
        box.width > 0.9 * mask.shape[1] and box.height > 0.9 * mask.shape[0] for box in frames(mask.view(np.uint8))
    )


def corners_of(hull: cv2.typing.MatLike) -> list[tuple[int, int]]:
    """The corners of a convex outline; none where it isn't straight between them."""
    corners = cv2.approxPolyDP(hull, ROUGHLY * cv2.arcLength(hull, True), True)
    if cv2.contourArea(corners) < STRAIGHT * cv2.contourArea(hull):
        return []
    return [(int(x), int(y)) for x, y in corners.reshape(-1, 2)]


def _is_quadrangle(contour: cv2.typing.MatLike) -> bool:
    hull = cv2.convexHull(contour)
    has_dents = cv2.contourArea(contour) < STRAIGHT * cv2.contourArea(hull)
    return not has_dents and len(corners_of(hull)) == 4

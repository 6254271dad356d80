"""Turns characters into 28×28 pictures as crops of photos would be; for training only.

All sets take this path, digits and others, so that a network learns the form and not where a picture came from: drawn
about 48 pixels high with a pen of any width, degraded by ink, paper, camera and an imperfect finder, then through
`mnist_format` like any crop of a photo.
"""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from model.data.handwriting import Sample, Strokes
from model.reading.mnist_format import to_mnist
from model.synthesis.lines import smoothed

HEIGHT = 48  # pixels of the drawing's longer side
MARGIN = 14  # pixels around it, for wide pens and slant
THINNEST, THICKEST = 0.02, 0.2  # pen width by longer side: hairline to marker
OWN_SHARE = 0.4  # of the darkest ink: threshold at which the finder cuts soft edges

FAINTEST = 100  # of 255: a 28×28 picture with less ink counts as empty

Ink = NDArray[np.float32]  # (height, width), 0 paper to 1 ink


def picture(sample: Sample, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A random (28, 28) picture of a sample; black if nothing is left of it."""
    return to_mnist(worn(drawn(sample, rng), rng))


def drawn(sample: Sample, rng: np.random.Generator) -> Ink:
    """Draw a sample, slightly bent, with a pen of random width."""
    if sample.strokes is not None:
        return draw_strokes(_bent(_fitted(sample.strokes), rng), pen=_pen(rng))
    return _redrawn(_picture_of(sample), rng)


def clean(sample: Sample, rng: np.random.Generator) -> Ink:
    """Draw a sample unchanged, with a usual pen."""
    if sample.strokes is not None:
        return draw_strokes(_fitted(sample.strokes), pen=float(rng.uniform(0.05, 0.12)))
    picture = _picture_of(sample)
    paper = float(np.percentile(picture, 20))  # in some sets the paper isn't quite black
    ink = (picture - paper) / max(float(picture.max()) - paper, 1.0)
    return np.asarray(np.clip(ink, 0, 1), np.float32)


def _picture_of(sample: Sample) -> NDArray[np.uint8]:
    """The picture of a sample that has no strokes."""
    return cast("NDArray[np.uint8]", sample.picture)


def draw_strokes(strokes: Strokes, pen: float) -> Ink:
    """Draw polylines in a square of HEIGHT; `pen` is the width as a share of HEIGHT."""
    canvas = np.zeros((HEIGHT + 2 * MARGIN, HEIGHT + 2 * MARGIN), np.uint8)
    width = max(1, round(pen * HEIGHT))
    for line in strokes:
        points = np.round((line + MARGIN) * 16).astype(np.int32)
        if len(points) == 1:
            points = np.repeat(points, 2, axis=0)
        cv2.polylines(canvas, [points], False, 255, width, cv2.LINE_AA, shift=4)
    return canvas.astype(np.float32) / np.float32(255)


def worn(ink: Ink, rng: np.random.Generator) -> Ink:
    """Degrade ink as camera and finder do: gaps, grain, blur, scraps of lines, cut edges."""
    if rng.random() < 0.15:
        ink = _with_gaps(ink, rng)
    if rng.random() < 0.3:
        ink = ink * _grain(ink.shape, rng)
    if rng.random() < 0.2:
        ink = _with_line_scraps(ink, rng)
    if rng.random() < 0.6:
        ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 2.2)).astype(np.float32)
    if rng.random() < 0.4:
        ink = _coarse(ink, rng)
    ink = ink / max(float(ink.max()), 1e-3)
    ink = ink + rng.uniform(0, 0.08) * rng.standard_normal(ink.shape, np.float32)
    ink = np.where(ink > rng.uniform(0.2, OWN_SHARE + 0.1), np.clip(ink * rng.uniform(1, 1.6), 0, 1), 0)
    return _cut(ink.astype(np.float32), rng)


def _pen(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(THINNEST), np.log(THICKEST))))


def _fitted(strokes: Strokes) -> Strokes:
    every = np.concatenate(strokes)
    low, size = every.min(axis=0), np.ptp(every, axis=0)
    scale = HEIGHT / max(float(size.max()), 1e-3)
    return [(smoothed(line) - low) * scale + (HEIGHT - size * scale) / 2 for line in strokes]


def _bent(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Rotate, slant, stretch, and wave by a slow sine in each direction."""
    matrix = _affine(rng)
    middle = HEIGHT / 2
    wave = rng.normal(0, HEIGHT / 50, 2)
    phase, pace = rng.uniform(0, 2 * np.pi, 2), rng.uniform(3, 8, 2) / HEIGHT
    bent = []
    for line in strokes:
        moved = (line - middle) @ matrix.T + middle
        bent.append((moved + wave * np.sin(pace * moved[:, ::-1] + phase)).astype(np.float32))
    return bent


def _affine(rng: np.random.Generator) -> NDArray[np.float64]:
    angle, slant = rng.normal(0, np.radians(7)), rng.normal(0, 0.15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turn @ np.array([[1, slant], [0, 1]]) @ np.diag(rng.uniform(0.85, 1.15, 2)), np.float64)


def _redrawn(source: NDArray[np.uint8], rng: np.random.Generator) -> Ink:
    """Enlarge and bend a picture, and make its strokes wider or thinner."""
    rows, columns = np.flatnonzero(source.max(axis=1) > 60), np.flatnonzero(source.max(axis=0) > 60)
    if not rows.size:
        return np.zeros((HEIGHT, HEIGHT), np.float32)
    source = source[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = HEIGHT / max(source.shape)
    side = HEIGHT + 2 * MARGIN
    centre = np.array([(source.shape[1] - 1) / 2, (source.shape[0] - 1) / 2])
    matrix = _affine(rng) * scale
    place = np.hstack([matrix, (side / 2 - matrix @ centre)[:, None]])
    ink = cv2.warpAffine(source, place, (side, side), flags=cv2.INTER_CUBIC).astype(np.float32) / 255
    wider = round(float(rng.normal(0, HEIGHT / 26)))
    if wider:
        brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(wider) + 1, abs(wider) + 1))
        changed = cv2.dilate(ink, brush) if wider > 0 else cv2.erode(ink, brush)
        ink = np.asarray(changed if changed.sum() > 0.4 * ink.sum() else ink, np.float32)
    return cv2.GaussianBlur(ink, (0, 0), 1.0).astype(np.float32)


def _with_gaps(ink: Ink, rng: np.random.Generator) -> Ink:
    eraser = np.ones(ink.shape, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        a, b = rng.uniform(0, ink.shape[0], (2, 2)).astype(int)
        cv2.line(eraser, a.tolist(), b.tolist(), 0.0, int(rng.integers(1, 4)), cv2.LINE_AA)
    return ink * eraser


def _grain(shape: tuple[int, ...], rng: np.random.Generator) -> Ink:
    """Leave out the hollows of the paper, as pencil and chalk do."""
    blurred = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), rng.uniform(0.6, 2.5))
    noise = np.asarray(blurred, np.float32)
    noise /= np.float32(max(noise.std(), 1e-6))
    return np.asarray(np.clip(0.85 + rng.uniform(0.1, 0.5) * noise, 0, 1), np.float32)


def _with_line_scraps(ink: Ink, rng: np.random.Generator) -> Ink:
    """Add remains of a ruled line or a neighbour beside the digit."""
    worn = ink.copy()
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.3), np.flatnonzero(ink.max(axis=0) > 0.3)
    if not rows.size:
        return ink
    for _ in range(int(rng.integers(1, 3))):
        y = int(rng.integers(rows[0], rows[-1] + 1))
        x = int(rng.integers(columns[0], columns[-1] + 1))
        reach = int(rng.integers(4, 22))
        end = (
            (x + reach, y + int(rng.integers(-2, 3)))
            if rng.random() < 0.7
            else (x + int(rng.integers(-2, 3)), y + reach)
        )
        cv2.line(worn, (x, y), end, float(rng.uniform(0.4, 0.9)), int(rng.integers(1, 3)), cv2.LINE_AA)
    return worn


def _coarse(ink: Ink, rng: np.random.Generator) -> Ink:
    """Reduce to few pixels, as a small digit, then compress as JPEG."""
    side = int(rng.integers(16, 60))
    small = cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA)
    grey = np.clip(235 - 200 * small, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))])
    unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.float32)
    again = np.clip((235 - unpacked) / 200, 0, 1)
    return cv2.resize(again, ink.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _cut(ink: Ink, rng: np.random.Generator) -> Ink:
    """Sometimes cut off an edge, as a finder does."""
    if rng.random() < 0.9:
        return ink
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.3), np.flatnonzero(ink.max(axis=0) > 0.3)
    if rows.size < 20 or columns.size < 12:
        return ink
    lost = int(rng.integers(1, 1 + rows.size // 14))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    side = int(rng.integers(4))
    return ink[
        top + lost * (side == 0) : bottom - lost * (side == 1), left + lost * (side == 2) : right - lost * (side == 3)
    ]

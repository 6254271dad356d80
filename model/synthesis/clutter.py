"""Generated clutter: scribbles, pairs, parts, crossings-out, lines, blots and texture.

A finder may mistake these for digits. For training only: no handwriting dataset has them.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from model.synthesis.pens import HEIGHT, MARGIN, Ink, draw_strokes

SIDE = HEIGHT + 2 * MARGIN
SLENDER = 0.4  # width by height: narrower pieces may be read as a 1
LEAST_LEFT = 0.1  # share of a blot that must remain, since its texture may miss it
Digits = Sequence[Ink]  # drawn digits to take apart and put together, each (SIDE, SIDE)


def clutter(digits: Digits, rng: np.random.Generator) -> Ink:
    """A piece of ink that isn't a digit, sometimes made from two of `digits`."""
    kinds: list[tuple[float, Callable[[], Ink]]] = [
        (0.16, lambda: scribble(rng)),
        (0.30, lambda: pair(_one(digits, rng), _one(digits, rng), rng)),
        (0.10, lambda: part(_one(digits, rng), rng)),
        (0.10, lambda: crossed_out(_one(digits, rng), rng)),
        (0.14, lambda: lines(rng)),
        (0.10, lambda: blot(rng)),
        (0.10, lambda: texture(rng)),
    ]
    shares, makers = zip(*kinds, strict=True)
    ink = makers[rng.choice(len(makers), p=np.array(shares) / sum(shares))]()
    height, width = _cropped(ink).shape
    return ink if width > SLENDER * height else scribble(rng)


def scribble(rng: np.random.Generator) -> Ink:
    """A wandering line with many turns."""
    corners = rng.uniform(0, HEIGHT, (int(rng.integers(7, 16)), 2))
    t = np.linspace(0, len(corners) - 1, 12 * len(corners))
    smooth = np.stack([np.interp(t, np.arange(len(corners)), corners[:, i]) for i in (0, 1)], axis=1)
    for _ in range(int(rng.integers(0, 6))):
        smooth[1:-1] = (smooth[:-2] + smooth[1:-1] + smooth[2:]) / 3
    return draw_strokes([smooth.astype(np.float32)], float(rng.uniform(0.02, 0.09)))


def pair(left: Ink, right: Ink, rng: np.random.Generator) -> Ink:
    """Two digits in one box: side by side and touching, or one over the other."""
    left, right = _cropped(left), _cropped(right)
    if rng.random() < 0.2:
        joined = pair(left.T.copy(), right.T.copy(), np.random.default_rng(0)).T
        return np.ascontiguousarray(joined)
    overlap = int(rng.integers(-4, 6))
    shift = int(rng.integers(-10, 11))
    height = max(left.shape[0], right.shape[0]) + abs(shift)
    canvas = np.zeros(
        (height, max(left.shape[1] + right.shape[1] - overlap, left.shape[1], right.shape[1])), np.float32
    )
    y = max(0, -shift), max(0, shift)
    canvas[y[0] : y[0] + left.shape[0], : left.shape[1]] = left
    beside = canvas[y[1] : y[1] + right.shape[0], canvas.shape[1] - right.shape[1] :]
    np.maximum(beside, right, out=beside)
    return np.pad(canvas, MARGIN)


def part(digit: Ink, rng: np.random.Generator) -> Ink:
    """The upper or lower third of a digit, as when a finder loses the rest."""
    digit = _cropped(digit)
    height, width = digit.shape
    if width < 0.5 * height:  # a third of a 1 is a 1
        return crossed_out(np.pad(digit, MARGIN), rng)
    rows = int(rng.uniform(0.25, 0.4) * height)
    return np.pad(digit[:rows] if rng.random() < 0.5 else digit[height - rows :], MARGIN)


def crossed_out(digit: Ink, rng: np.random.Generator) -> Ink:
    """A digit under a zigzag."""
    turns = int(rng.integers(4, 9))
    x = np.linspace(0, HEIGHT, turns) + rng.normal(0, 4, turns)
    y = np.where(np.arange(turns) % 2, 0.15, 0.85) * HEIGHT + rng.normal(0, 6, turns)
    points = np.stack([x, y] if rng.random() < 0.5 else [y, x], axis=1).astype(np.float32)
    zigzag = draw_strokes([points], float(rng.uniform(0.03, 0.08)))
    over = digit[: zigzag.shape[0], : zigzag.shape[1]]
    np.maximum(zigzag[: over.shape[0], : over.shape[1]], over, out=zigzag[: over.shape[0], : over.shape[1]])
    return zigzag


def lines(rng: np.random.Generator) -> Ink:
    """Scraps of ruled lines and frames: flat bars, crosses, corners, grids, rails."""
    a, b, c, d = rng.uniform(0.1, 0.9, 4) * HEIGHT
    low, high = 0.0, float(HEIGHT)
    flat, upright = [[low, a], [high, a + rng.normal(0, 2)]], [[b, low], [b + rng.normal(0, 2), high]]
    forms = [
        [flat],
        [flat, upright],
        [flat, [[low, c], [high, c]]],
        [flat, [[low, c], [high, c]], upright],
        [flat, upright, [[d, low], [d, high]]],
        [[[low, low], [low, high]], [[low, high], [high, high]]],
        [[[low, high], [high, low]], flat],
        [[[low, low], [high, low]], [[high, low], [high, high]], upright],
    ]
    form = forms[int(rng.integers(len(forms)))]
    return draw_strokes([np.array(line, np.float32) for line in form], float(rng.uniform(0.02, 0.12)))


def blot(rng: np.random.Generator) -> Ink:
    """Filled shapes: stamps, shadows, objects."""
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 14))))
    radii = HEIGHT / 2 * rng.uniform(0.35, 1, len(angles))
    stretch = np.array([rng.uniform(0.4, 1), 1])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None] * stretch + SIDE / 2
    cv2.fillPoly(canvas, [np.round(points).astype(np.int32)], 255, cv2.LINE_AA)
    if rng.random() < 0.5:
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(1, 4)), np.uint8)
    ink: Ink = canvas.astype(np.float32) / np.float32(255)
    textured = ink * texture(rng) if rng.random() < 0.5 else ink
    return textured if textured.sum() > LEAST_LEFT * ink.sum() else ink


def texture(rng: np.random.Generator) -> Ink:
    """A piece of thresholded noise, like leaves, cloth or gravel."""
    noise = np.zeros((SIDE, SIDE), np.float32)
    for blur in rng.uniform(1, 12, 3):
        layer = np.asarray(cv2.GaussianBlur(rng.standard_normal((SIDE, SIDE), np.float32), (0, 0), blur), np.float32)
        noise += layer / np.float32(max(layer.std(), 1e-6)) * np.float32(rng.uniform(0.2, 1))
    cut = float(np.quantile(noise, rng.uniform(0.5, 0.9)))
    mask = (noise > cut).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count > 1 and rng.random() < 0.8:  # keep one connected piece, as a finder would
        mask = (labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8)
    return mask.astype(np.float32)


def _one(digits: Digits, rng: np.random.Generator) -> Ink:
    return digits[int(rng.integers(len(digits)))]


def _cropped(ink: Ink) -> Ink:
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.3), np.flatnonzero(ink.max(axis=0) > 0.3)
    if not rows.size:
        return np.ones((4, 4), np.float32)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

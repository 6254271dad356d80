"""Handwriting for tests: digits drawn as strokes, distorted, set down as MNIST would hold them or on a photo of paper.

Nothing here comes from a data set, so the tests run anywhere. Same generator state, same picture.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]  # (height, width), 0 to 255
Curve = NDArray[np.float64]  # (n, 2): x to the right, y down; the digit's body lies in 0..1 by 0..1

FINER = 4  # drawn this many times larger, then averaged down: smooth edges at any size

# The ways in which people write each digit: strokes, parted by "/", of points x,y that the pen passes smoothly, in
# hundredths of the digit's height; a point written twice is a corner.
SHAPES = {
    0: [
        "55,0 15,20 5,55 30,97 65,95 92,50 80,12 50,1",
        "70,8 35,2 10,40 15,80 50,100 85,75 88,30 55,0",
        "40,3 75,8 90,50 70,93 35,97 10,60 20,15 50,2",
    ],
    1: [
        "50,0 50,50 50,100",
        "30,25 55,0 55,0 55,50 55,100",
        "25,30 50,0 50,0 50,100 / 20,100 50,99 80,100",
        "55,0 50,50 45,100",
    ],
    2: [
        "10,25 35,0 80,10 80,40 40,75 5,100 5,100 50,98 95,97",
        "10,20 45,0 85,20 65,55 25,90 8,95 10,80 30,80 60,95 95,93",
        "15,10 50,0 82,20 60,60 10,95 10,95 50,92 90,100",
    ],
    3: [
        "12,12 45,0 80,15 70,40 40,48 40,48 80,58 85,85 45,100 8,88",
        "15,3 85,0 85,0 45,40 45,40 80,50 85,82 50,100 10,90",
        "20,8 60,0 80,20 50,45 50,48 88,68 60,98 10,92",
    ],
    4: [
        "20,0 12,30 10,55 10,55 50,57 95,54 / 72,5 70,50 66,100",
        "60,0 35,35 3,68 3,68 50,68 97,66 / 66,25 64,60 62,100",
        "70,100 70,50 70,0 70,0 5,65 5,65 50,66 98,63",
    ],
    5: [
        "25,2 20,42 20,42 55,36 88,60 70,95 35,100 5,88 / 25,2 55,3 90,0",
        "90,2 55,3 25,3 25,3 18,45 18,45 60,40 85,65 60,97 10,95",
    ],
    6: [
        "75,0 35,25 10,65 30,98 70,95 85,70 60,50 30,60 15,78",
        "50,0 20,40 12,75 40,100 78,85 70,58 40,55 15,75",
    ],
    7: [
        "5,5 50,4 92,2 92,2 65,45 40,100",
        "8,6 50,2 90,3 90,3 60,50 45,100 / 35,52 65,50 88,49",
        "8,18 10,4 10,4 50,6 92,0 92,0 60,50 50,100",
    ],
    8: [
        "80,12 45,0 18,20 45,44 82,70 55,100 20,88 25,65 60,40 82,18 72,6",
        "50,0 22,12 30,40 55,45 78,28 70,5 48,0 / 50,45 12,65 25,97 65,100 90,72 70,48 48,45",
    ],
    9: [
        "80,15 45,0 15,25 40,50 75,35 80,12 80,12 75,55 68,100",
        "78,20 50,0 15,20 25,48 65,42 80,15 80,15 82,60 60,97 20,93",
    ],
}


def ink(d: int, rng: np.random.Generator, height: int = 64, pen: float = 4.0) -> Grey:
    """The digit `d` as somebody writes it: white ink (255) on black, cut to the ink.

    `height` is the digit's in pixels before it is tilted, `pen` the stroke's mean width in pixels. (h, w) uint8.
    """
    shape = SHAPES[d][rng.integers(len(SHAPES[d]))]
    curves = _as_a_hand_would([_smooth(_points(stroke)) for stroke in shape.split("/")], rng, wide=d != 1)
    scale = height * FINER
    margin = int(pen * FINER) + FINER
    corner = np.min(np.concatenate(curves), axis=0)
    curves = [(curve - corner) * scale + margin for curve in curves]
    width, tall = (np.max(np.concatenate(curves), axis=0) + margin).astype(int)
    canvas = np.zeros((tall + FINER, width + FINER), np.uint8)
    for curve in curves:
        _draw(canvas, curve, pen * FINER, rng)
    small = cv2.resize(canvas, None, fx=1 / FINER, fy=1 / FINER, interpolation=cv2.INTER_AREA)
    return _cut_to_ink(np.asarray(small, np.uint8))


def digit(d: int, rng: np.random.Generator) -> Grey:
    """The digit `d` as MNIST holds one: (28, 28) uint8, white on black, in a 20×20 box, centred by mass."""
    drawn = ink(d, rng, 60, pen=rng.uniform(4.0, 10.0))
    scale = 20 / max(drawn.shape)
    size = (max(1, round(drawn.shape[1] * scale)), max(1, round(drawn.shape[0] * scale)))
    box = np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.uint8)
    ys, xs = np.indices(box.shape)
    left = round(13.5 - float((xs * box).sum() / box.sum()))
    top = round(13.5 - float((ys * box).sum() / box.sum()))
    left, top = int(np.clip(left, 0, 28 - box.shape[1])), int(np.clip(top, 0, 28 - box.shape[0]))
    picture = np.zeros((28, 28), np.uint8)
    picture[top : top + box.shape[0], left : left + box.shape[1]] = box
    return picture


def digits(n: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """`n` pictures (n, 28, 28) uint8 as from `digit`, all ten digits in turn and shuffled, and their labels (n,)."""
    labels = rng.permutation(np.arange(n) % 10).astype(np.uint8)
    return np.stack([digit(int(d), rng) for d in labels]), labels


def page(
    lines: list[str],
    rng: np.random.Generator,
    *,
    height: int = 90,
    pen: float | None = None,
    size: tuple[int, int] | None = None,
    quality: int = 90,
) -> tuple[bytes, str]:
    """A photo of dark ink on off-white paper under uneven light, and what a reader should answer.

    `lines` holds the digits by line ("42" or "4 2": a blank is a wider gap); [] is a blank page. `height` is that of a
    digit in pixels, `pen` the stroke's width (a ninth of the height if left out), `size` the least (width, height).
    Gives JPEG bytes and the lines' digits without blanks, joined by newlines.
    """
    pen = height / 9 if pen is None else pen
    rows = [_row(line, rng, height, pen) for line in lines]
    margin = height
    width = max([row.shape[1] for row in rows], default=height) + 2 * margin
    tall = sum(row.shape[0] + margin for row in rows) + 2 * margin
    width, tall = (max(width, size[0]), max(tall, size[1])) if size else (width, tall)
    written = np.zeros((tall, width), np.uint8)
    top = (tall - sum(row.shape[0] + margin for row in rows) + margin) // 2
    left = (width - max([row.shape[1] for row in rows], default=0)) // 2
    for row in rows:
        written[top : top + row.shape[0], left : left + row.shape[1]] = row
        top += row.shape[0] + margin
    encoded = cv2.imencode(".jpg", _on_paper(written, rng), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return encoded.tobytes(), "\n".join(line.replace(" ", "") for line in lines)


def _points(stroke: str) -> Curve:
    return np.array([point.split(",") for point in stroke.split()], np.float64) / 100


def _smooth(points: Curve, steps: int = 12) -> Curve:
    """A Catmull-Rom curve through `points`; a point that comes twice stays a corner."""
    before = np.vstack([points[:1], points[:-1]])[:-1]
    start, end = points[:-1], points[1:]
    after = np.vstack([points[2:], points[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, e = (p[:, None, :] for p in (before, start, end, after))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - e) * t**2 + (3 * b - a - 3 * c + e) * t**3)
    return np.vstack([curve.reshape(-1, 2), points[-1:]])


def _as_a_hand_would(curves: list[Curve], rng: np.random.Generator, *, wide: bool) -> list[Curve]:
    """Every point moved by one smooth distortion of the whole digit; strokes also miss each other a little."""
    width = rng.uniform(0.5, 0.9) if wide else rng.uniform(0.35, 0.6)
    slant = rng.normal(0.1, 0.15)
    angle = np.radians(rng.normal(0, 5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    frequency, phase = rng.uniform(2, 6, (2, 2)), rng.uniform(0, 2 * np.pi, (2, 2))
    size = rng.uniform(0, 0.035, (2, 2))
    squeeze = rng.normal(0, 0.12, 2)  # one half of the digit larger than the other
    written = []
    for curve in curves:
        p = curve + rng.normal(0, 0.012, 2)
        p = p + squeeze * p * (1 - p)
        wave = size * np.sin(frequency * p[:, ::-1, None] + phase)
        p = p + wave.sum(axis=2)
        x = (p[:, 0] - 0.5) * width - (p[:, 1] - 0.5) * slant
        written.append(np.column_stack([x, p[:, 1] - 0.5]) @ turn.T)
    return written


def _draw(canvas: Grey, curve: Curve, width: float, rng: np.random.Generator) -> None:
    along = np.linspace(0, 2 * np.pi, len(curve))
    pressure = 1 + rng.uniform(0, 0.18) * np.sin(along * rng.uniform(0.5, 1.5) + rng.uniform(0, 2 * np.pi))
    for start, end, thick in zip(curve[:-1], curve[1:], width * pressure[1:], strict=True):
        first, second = (tuple(int(v) for v in np.round(p)) for p in (start, end))
        cv2.line(canvas, first, second, 255, max(1, round(float(thick))), cv2.LINE_AA)


def _cut_to_ink(picture: Grey) -> Grey:
    x, y, width, height = cv2.boundingRect(np.asarray(picture > 0, np.uint8))
    return picture[y : y + height, x : x + width]


def _row(line: str, rng: np.random.Generator, height: int, pen: float) -> Grey:
    gap = max(int(pen * 1.5), height // 5)
    parts: list[Grey] = []
    for sign in line:
        parts.append(np.zeros((1, height // 2), np.uint8) if sign == " " else ink(int(sign), rng, height, pen))
        parts.append(np.zeros((1, gap + int(rng.integers(height // 8 + 1))), np.uint8))
    lift = [int(rng.integers(height // 10 + 1)) for _ in parts]
    tall = max(part.shape[0] + up for part, up in zip(parts, lift, strict=True))
    row = np.zeros((tall, sum(part.shape[1] for part in parts)), np.uint8)
    left = 0
    for part, up in zip(parts, lift, strict=True):
        row[tall - up - part.shape[0] : tall - up, left : left + part.shape[1]] = part
        left += part.shape[1]
    return row


def _on_paper(written: Grey, rng: np.random.Generator) -> Grey:
    """(h, w, 3) uint8, blue, green, red: ink of one colour on paper, light that falls off, a camera's noise."""
    tall, width = written.shape
    paper = np.array([225, 235, 240]) - rng.uniform(0, 25)
    colour = rng.uniform([20, 15, 10], [130, 60, 60])
    cover = cv2.GaussianBlur(written, (0, 0), 0.8)[..., None].astype(np.float64) / 255 * rng.uniform(0.85, 1)
    ys, xs = np.ogrid[0 : 1 : tall * 1j, 0 : 1 : width * 1j]
    direction = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0.05, 0.3) * (0.5 + 0.5 * ((xs - 0.5) * np.cos(direction) + (ys - 0.5) * np.sin(direction)))
    photo: NDArray[Any] = paper * (1 - cover)
    photo += colour * cover
    photo *= light[..., None]
    photo += rng.normal(0, 2.5, photo.shape)
    return np.clip(photo, 0, 255, out=photo).astype(np.uint8)

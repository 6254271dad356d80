"""Generated signs between and around digits; none is a digit.

Slash, brackets, point, comma, minus, percent, tick, Greek letters; rings, boxes, underlines, crossings-out. In digit
heights, y down from the baseline; slightly different each time.
"""

from collections.abc import Callable

import numpy as np

from model.data.handwriting import Strokes
from model.synthesis.chance import any_of
from model.synthesis.doodles import zigzag
from model.synthesis.lines import Line, along, rounded


def sign(name: str, rng: np.random.Generator) -> Strokes:
    """The sign of that name, one of NAMES, its leftmost point near x = 0."""
    strokes = _MAKERS[name](rng)
    return [(line + rng.normal(0, 0.008, line.shape)).astype(np.float32) for line in strokes]


def ring(width: float, rng: np.random.Generator) -> Strokes:
    """A hand-drawn ring around the writing between 0 and `width`.

    It is left slightly open, or goes around twice.
    """
    turn, over = rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 1.2)
    t = np.linspace(0, 2 * np.pi + over, 40) + turn
    reach = np.array([width / 2 + rng.uniform(0.25, 0.6), 0.5 + rng.uniform(0.2, 0.5)])
    grows = np.linspace(1, 1 + rng.normal(0, 0.06), len(t))[:, None]
    circle = np.stack([np.cos(t), np.sin(t)], axis=1) * reach * grows
    return [(circle + np.array([width / 2, -0.5]) + rng.normal(0, 0.04, 2)).astype(np.float32)]


def box(width: float, rng: np.random.Generator) -> Strokes:
    """A hand-drawn box around the writing between 0 and `width`."""
    left, right = -rng.uniform(0.15, 0.5), width + rng.uniform(0.15, 0.5)
    top, bottom = -1 - rng.uniform(0.15, 0.45), rng.uniform(0.15, 0.45)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]])
    return [bent((corners + rng.normal(0, 0.03, corners.shape)).astype(np.float32), rng)]


def underline(width: float, rng: np.random.Generator) -> Strokes:
    """A single, double or dotted line below the writing between 0 and `width`."""
    y, ends = rng.uniform(0.1, 0.4), (-rng.uniform(0, 0.4), width + rng.uniform(0, 0.4))
    kind = rng.random()
    if kind < 0.25:
        return [np.array([[x, y], [x + 0.02, y]], np.float32) for x in np.arange(*ends, rng.uniform(0.08, 0.2))]
    lines = [bent(np.array([[ends[0], y], [ends[1], y + rng.normal(0, 0.05)]], np.float32), rng)]
    return lines if kind < 0.8 else lines + [line + np.array([0, 0.13], np.float32) for line in lines]


def crossing(width: float, rng: np.random.Generator) -> Strokes:
    """A crossing-out of a digit between 0 and `width`.

    Two bars, a cross or a zigzag: a single bar could belong to a 7 or a slashed 0.
    """
    kind = int(rng.integers(3))
    if kind == 2:
        return [zigzag((-0.15, -1.05), (width + 0.15, 0.05), int(rng.integers(7, 13)), rng)]
    rises = [1, -1] if kind == 0 else [-1, -1]
    middles = -0.5 + np.arange(2) * (0.22 if kind == 1 else 0)
    steep = rng.uniform(0.1, 0.55)
    return [
        bent(np.array([[-0.2, m - r * steep], [width + 0.2, m + r * steep]], np.float32), rng)
        for r, m in zip(rises, middles, strict=True)
    ]


def bent(line: Line, rng: np.random.Generator) -> Line:
    """Add points between a line's corners, swaying slightly."""
    t = np.linspace(0, len(line) - 1, 12 * (len(line) - 1) + 1)
    dense = along(line, t)
    sway = rng.normal(0, 0.02, 2) * np.sin(t * rng.uniform(1, 4) + rng.uniform(0, 6))[:, None]
    return (dense + sway).astype(np.float32)


def _dot(x: float, y: float, rng: np.random.Generator) -> Line:
    return np.array([[x, y], [x + rng.uniform(0, 0.05), y + rng.uniform(0, 0.04)]], np.float32)


def _slash(rng: np.random.Generator) -> Strokes:
    high, lean = rng.uniform(1.0, 1.6), rng.uniform(0.15, 0.7)
    low = rng.uniform(0, 0.3)
    return [bent(np.array([[0, low], [lean, low - high]], np.float32), rng)]


def _bracket(mirrored: bool, rng: np.random.Generator) -> Strokes:
    high, deep, low = rng.uniform(1.1, 1.6), rng.uniform(0.12, 0.35), rng.uniform(0.05, 0.3)
    t = np.linspace(-1, 1, 14)
    x = deep * (t**2 if rng.random() < 0.75 else (np.abs(t) > 0.85) * 0.8)
    line = np.stack([deep - x if mirrored else x, low - high * (1 + t) / 2], axis=1)
    return [line.astype(np.float32)]


def _minus(rng: np.random.Generator) -> Strokes:
    y, wide = -rng.uniform(0.35, 0.6), rng.uniform(0.3, 0.8)
    return [np.array([[0, y], [wide, y + rng.normal(0, 0.05)]], np.float32)]


def _plus(rng: np.random.Generator) -> Strokes:
    wide, x, y = rng.uniform(0.45, 0.8), rng.normal(0, 0.03), -rng.uniform(0.4, 0.55)
    return [
        np.array([[0, y], [wide, y]], np.float32),
        np.array([[wide / 2 + x, y - wide / 2], [wide / 2 - x, y + wide / 2]], np.float32),
    ]


def _times(rng: np.random.Generator) -> Strokes:
    wide, y = rng.uniform(0.35, 0.7), -rng.uniform(0.1, 0.3)
    return [np.array([[0, y], [wide, y - wide]], np.float32), np.array([[0, y - wide], [wide, y]], np.float32)]


def _equals(rng: np.random.Generator) -> Strokes:
    gap, lower = rng.uniform(0.15, 0.3), _minus(rng)[0]
    return [lower, lower - np.array([0, gap], np.float32)]


def _divided(rng: np.random.Generator) -> Strokes:
    bar = _minus(rng)[0]
    x, y = bar.mean(axis=0)
    return [bar, _dot(x, y - 0.25, rng), _dot(x, y + 0.25, rng)]


def _comma(rng: np.random.Generator) -> Strokes:
    return [np.array([[0.08, -0.06], [0.1, 0.03], [0, rng.uniform(0.12, 0.3)]], np.float32)]


def _quote(rng: np.random.Generator) -> Strokes:
    return [np.array([[x, -1], [x - 0.03, -0.75]], np.float32) for x in (0, 0.15)[: int(rng.integers(1, 3))]]


def _ringlet(x: float, y: float, size: float) -> Line:
    t = np.linspace(0, 2 * np.pi, 14)
    return np.stack([x + size * np.cos(t), y + size * np.sin(t)], axis=1).astype(np.float32)


def _percent(rng: np.random.Generator) -> Strokes:
    size, wide = rng.uniform(0.13, 0.2), rng.uniform(0.7, 1.0)
    slash = np.array([[0.1, 0.02], [wide, -1.0]], np.float32)
    return [slash, _ringlet(size, -1 + size, size), _ringlet(wide, -size, size)]


def _degree(rng: np.random.Generator) -> Strokes:
    return [_ringlet(0.12, -0.95, rng.uniform(0.1, 0.16))]


def _dollar(rng: np.random.Generator) -> Strokes:
    t = np.linspace(0, 1, 24)
    x = 0.3 + 0.27 * np.sin(2 * np.pi * (t + 0.12))
    bars = [np.array([[0.3, -1.12], [0.3, 0.12]], np.float32)]
    return [np.stack([x, -1 + t], axis=1).astype(np.float32), *bars]


def _euro(rng: np.random.Generator) -> Strokes:
    t = np.linspace(0.6, 2 * np.pi - 0.6, 24)
    arc = np.stack([0.45 + 0.38 * np.cos(t), -0.5 + 0.5 * np.sin(t)], axis=1).astype(np.float32)
    return [arc, *(np.array([[-0.08, y], [0.5, y]], np.float32) for y in (-0.58, -0.4))]


def _hash(rng: np.random.Generator) -> Strokes:
    lean = rng.uniform(0, 0.2)
    upright = [np.array([[x, 0], [x + lean, -0.95]], np.float32) for x in (0.2, 0.5)]
    return upright + [np.array([[0, y], [0.75, y]], np.float32) for y in (-0.3, -0.62)]


def _tick(rng: np.random.Generator) -> Strokes:
    return [
        np.array([[0, -0.4], [rng.uniform(0.15, 0.3), 0], [rng.uniform(0.5, 1.0), -rng.uniform(0.8, 1.3)]], np.float32)
    ]


def _arrow(rng: np.random.Generator) -> Strokes:
    long, y = rng.uniform(0.8, 2.0), -rng.uniform(0.35, 0.6)
    head = np.array([[long - 0.25, y - 0.2], [long, y], [long - 0.25, y + 0.2]], np.float32)
    return [np.array([[0, y], [long, y]], np.float32), head]


def _question(rng: np.random.Generator) -> Strokes:
    hook = np.array(
        [[0, -0.75], [0.1, -0.97], [0.35, -1], [0.5, -0.8], [0.35, -0.6], [0.25, -0.45], [0.25, -0.3]], np.float32
    )
    return [hook, _dot(0.25, -0.02, rng)]


def _exclamation(rng: np.random.Generator) -> Strokes:
    return [np.array([[0.05, -1.1], [0, -0.3]], np.float32), _dot(0, -0.02, rng)]


def _template(*lines: str) -> Callable[[np.random.Generator], Strokes]:
    """A letter given as points, in tenths of its height.

    It is drawn as a curve along them, then rotated, slanted and stretched.
    """
    given: Strokes = [
        np.array([point.split(",") for point in line.split()], np.float32) / np.float32(10) for line in lines
    ]

    def make(rng: np.random.Generator) -> Strokes:
        matrix = np.array([[rng.uniform(0.75, 1.25), rng.normal(0, 0.15)], [rng.normal(0, 0.08), 1]], np.float32)
        shaken = [line + rng.normal(0, 0.035, line.shape).astype(np.float32) for line in given]
        return [rounded(line, 3) @ matrix.T for line in shaken]

    return make


def _one_of(*makers: Callable[[np.random.Generator], Strokes]) -> Callable[[np.random.Generator], Strokes]:
    """A letter that people write in several ways."""
    return lambda rng: any_of(makers, rng)(rng)


_MAKERS: dict[str, Callable[[np.random.Generator], Strokes]] = {
    "/": _slash,
    "(": lambda rng: _bracket(False, rng),
    ")": lambda rng: _bracket(True, rng),
    ".": lambda rng: [_dot(0, -0.03, rng)],
    ",": _comma,
    ":": lambda rng: [_dot(0, -0.05, rng), _dot(0, -rng.uniform(0.4, 0.65), rng)],
    "-": _minus,
    "+": _plus,
    "x": _times,
    "=": _equals,
    "÷": _divided,
    "'": _quote,
    "%": _percent,
    "°": _degree,
    "$": _dollar,
    "€": _euro,
    "#": _hash,
    "✓": _tick,
    "→": _arrow,
    "?": _question,
    "!": _exclamation,
    "α": _template("9,-6 6,-1 3,0 0,-2 0,-5 3,-6 6,-5 8,-1 10,0"),
    "β": _one_of(
        _template("0,4 1,-5 2,-9 5,-10 7,-8 5,-6 3,-5 6,-5 8,-3 6,0 3,0 1,-1"),
        _template("0,4 1,-3 2,-10", "2,-9 5,-10 7,-8 5,-6 3,-5", "3,-5 6,-5 8,-3 6,0 2,-1"),
        _template("0,3 1,-9", "1,-9 6,-10 7,-8 2,-5 7,-4 7,-1 1,0"),
    ),
    "γ": _one_of(
        _template("0,-6 2,-7 4,-3 4,2 3,5 2,3 4,-2 8,-7"),
        _template("0,-7 2,-7 4,-2", "8,-7 4,-1 2,5"),
        _template("0,-6 1,-7 3,-4 4,-1", "7,-8 4,-1 4,4"),
    ),
    "B": _template("0,0 0,-10", "0,-10 5,-10 7,-8 5,-6 0,-5", "0,-5 6,-5 8,-2 5,0 0,0"),
    "ω": _template("1,-6 0,-2 2,0 4,-1 4,-4 4,-1 6,0 8,-2 7,-6"),
    "π": _template("0,-6 9,-7", "3,-6 2,0", "7,-6 7,-1 9,0"),
    "φ": _template("5,-10 4,4", "5,-7 1,-6 0,-3 2,0 6,0 9,-3 8,-6 5,-7"),
    "η": _template("0,-5 2,-6 2,0", "2,-3 5,-6 7,-5 7,4"),
    "λ": _template("1,-10 3,-9 7,0", "4,-5 0,0"),
    "χ": _template("0,-6 2,-6 6,3 8,3", "8,-6 0,3"),
    "τ": _template("0,-5 2,-7 8,-7", "4,-7 4,-1 6,0"),
    "ε": _template("8,-9 4,-10 1,-8 2,-6 5,-5 2,-5 0,-3 2,0 5,0 8,-2"),
    "σ": _template("10,-9 5,-9 1,-7 0,-3 3,0 6,-1 8,-4 6,-8 4,-9"),
    "μ": _template("2,-7 1,0 0,4", "1,-2 3,0 5,-1 7,-7 7,-1 9,0"),
    "ψ": _template("0,-7 1,-3 4,-1 8,-2 10,-7", "5,-10 5,4"),
}  # fmt: skip
NAMES = tuple(_MAKERS)
BETWEEN = ("/", ".", ",", "-", ":", "+", "x", "=", "÷", "'")  # between digits: in a date, an amount, a sum
BEFORE, AFTER = ("$", "€", "-", "+", "#", "(", "="), ("%", "€", "°", ")", ".", "?", "!", "$", "'")
ALONE = tuple("+x=÷%€#✓→" + "ωπλχεμψ" + 4 * "αβγφηστB")  # the last ones look most like digits, so they are frequent

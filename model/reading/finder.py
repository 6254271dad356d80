"""Where digits stand in a picture, and other marks: a small fully convolutional network over an image pyramid.

Each scale of the pyramid finds what is SMALLEST to LARGEST pixels high there, so that the network knows digits of one
size. A scale says too whether something smaller is worth a closer look; the finest one is looked at only then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.litert import Network

FINEST = 512  # pixels: the long side of the finest scale; the next ones are half as large each, down to LARGEST
ALWAYS = 256  # pixels: scales up to this long side are looked at in any case
AROUND = 24  # pixels that are looked at around what is worth a closer look
EDGE = 12  # pixels of the picture's own edge, repeated around it
CELLS = 32  # the network's sides are multiples of it
SMALLEST, LARGEST = 10, 48  # pixels: height of the digits that one scale of the pyramid finds
STRIDE = 4  # pixels: the network answers for cells of so many
HEAT = slice(0, 3)  # of its outputs: logits of a digit's centre, another mark's, and digits too small for this scale
DIGITS = slice(3, 13)  # logits of the digits 0 to 9
BOX = slice(13, 17)  # from the cell's middle to the box's left, top, right and bottom edge,
BOX_UNIT = 16  # in so many pixels
INK = slice(17, 33)  # logits of digit ink on each of the cell's 4×4 pixels
OUTPUTS = 33
LEAST = 0.5  # pixels: a box reaches at least so far from its cell's middle
SEEN = 0.15  # how surely a centre is seen at the least: whether it is a digit is decided later
CLOSER = 0.3  # how surely something small is seen that is worth a closer look
STOUT = 0.25  # of its longer side: so wide a box counts at the least
SAME = 0.4  # intersection over union: two hits on one thing; what lies within another is decided later
FILE = Path(__file__).parent.parent / "pretrained" / "finder.tflite"

Colours = NDArray[np.uint8]  # (height, width, 3) RGB
Edges = NDArray[np.float32]  # (4,): left, top, right, bottom in pixels of the picture


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """What may be a digit, or another mark."""

    is_digit: bool  # which of the two was seen here
    heat: float  # how surely, 0 to 1
    other_heat: float  # how surely the other of the two, in the same place
    edges: Edges
    logits: NDArray[np.float32]  # (10,): of the digits 0 to 9
    scale: "Scale"  # where it was seen the surest
    seconded: float = 0.0  # how surely at another scale

    @property
    def height(self) -> float:
        """In pixels of the picture."""
        return float(self.edges[3] - self.edges[1])


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What the network says of the picture at one scale."""

    factor: float  # its pixels for each of the picture's
    left: float  # of the part of the picture that was looked at,
    top: float  # in pixels of the picture
    heat: NDArray[np.float32]  # (h/4, w/4, 3): 0 to 1
    answers: NDArray[np.float32]  # (h/4, w/4, OUTPUTS)

    def worth_a_closer_look(self, part: "Part") -> "Part | None":
        """What of this part of the picture holds something small, and its surroundings; None where nothing does."""
        rows, columns = np.nonzero(self.heat[..., 2] >= CLOSER)
        if not rows.size:
            return None
        edges = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) * STRIDE - EDGE
        left, top, right, bottom = (edges + AROUND * np.array([-1, -1, 1, 1])) / self.factor
        return Part(
            max(part.left, int(self.left + left)),
            max(part.top, int(self.top + top)),
            min(part.right, int(self.left + right) + 1),
            min(part.bottom, int(self.top + bottom) + 1),
        )

    def ink(self, part: "Part", size: tuple[int, int]) -> NDArray[np.float32]:
        """How surely each pixel of a part of the picture is digit ink, 0 to 1, brought to that width and height."""
        own = [edge - corner for edge, corner in zip(part, (self.left, self.top) * 2, strict=True)]
        first = [max(0, int((edge * self.factor + EDGE) // STRIDE) - 1) for edge in own[:2]]
        last = [int((edge * self.factor + EDGE) // STRIDE) + 2 for edge in own[2:]]
        cells = self.answers[first[1] : last[1], first[0] : last[0], INK]
        high, wide = cells.shape[:2]
        fine = cells.reshape(high, wide, STRIDE, STRIDE).swapaxes(1, 2).reshape(high * STRIDE, wide * STRIDE)
        # From pixels asked for to those of `fine`: OpenCV counts from the middle of a pixel.
        steps = [(own[2 + k] - own[k]) / size[k] * self.factor for k in (0, 1)]
        offsets = [own[k] * self.factor + EDGE - STRIDE * first[k] + steps[k] / 2 - 0.5 for k in (0, 1)]
        back = np.array([[steps[0], 0, offsets[0]], [0, steps[1], offsets[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        logits = cv2.warpAffine(fine, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return _sigmoid(np.asarray(logits, np.float32))


class Part(NamedTuple):
    """A part of a picture, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


class Finder:
    """Finds what may be digits in pictures. One thread at a time."""

    def __init__(self, file: Path = FILE) -> None:
        """`file`: the network as LiteRT runs it."""
        self._network = Network(file)

    def find(self, picture: Colours) -> list[Candidate]:
        """Digits and other marks, the surest first; those seen at several scales or twice once."""
        found: list[Candidate] = []
        part = Part(0, 0, picture.shape[1], picture.shape[0])
        for scaled in pyramid(picture):
            scale = self._look(scaled, part, scaled.shape[1] / picture.shape[1])
            found += candidates(scale)
            if max(scaled.shape) >= ALWAYS:
                closer = scale.worth_a_closer_look(part)
                if closer is None:
                    break
                part = closer
        return without_repeats(found)

    def _look(self, scaled: Colours, part: "Part", factor: float) -> Scale:
        """What the network says of a part of the picture, of which `scaled` has so many pixels for each."""
        left, top = int(part.left * factor), int(part.top * factor)
        seen = scaled[top : max(top + 8, round(part.bottom * factor)), left : max(left + 8, round(part.right * factor))]
        around = [-(-(side + 2 * EDGE) // CELLS) * CELLS - side - EDGE for side in seen.shape[:2]]
        padded = cv2.copyMakeBorder(seen, EDGE, around[0], EDGE, around[1], cv2.BORDER_REPLICATE)
        answers = self._network(padded[None].astype(np.float32) / np.float32(255))[0]
        return Scale(factor, left / factor, top / factor, _sigmoid(answers[..., HEAT]), answers)


def pyramid(picture: Colours) -> list[Colours]:
    """The picture at each of its scales, the coarsest first, each made of the next finer one."""
    levels = [picture]
    for size in reversed(scales(picture.shape[1], picture.shape[0])):
        interpolation = cv2.INTER_AREA if size[0] < levels[-1].shape[1] else cv2.INTER_LINEAR
        levels.append(np.asarray(cv2.resize(levels[-1], size, interpolation=interpolation), np.uint8))
    return levels[:0:-1]


def scales(width: int, height: int) -> list[tuple[int, int]]:
    """Widths and heights of the pyramid, the coarsest first: what fills the picture is found there."""
    factor = min(1.0, FINEST / max(width, height)) * max(1.0, 64 / max(width, height))
    sizes = []
    while True:
        sizes.append((max(8, round(width * factor)), max(8, round(height * factor))))
        if max(sizes[-1]) <= LARGEST:
            return sizes[::-1]
        factor /= 2


def candidates(scale: Scale) -> Iterator[Candidate]:
    """Local maxima of the heat maps of one scale."""
    corner = np.array([scale.left, scale.top] * 2, np.float32)
    for kind in (0, 1):
        heat = np.ascontiguousarray(scale.heat[..., kind])
        highest = np.asarray(cv2.dilate(heat, np.ones((3, 3), np.uint8)))
        for row, column in np.argwhere((heat >= SEEN) & (heat >= highest)):
            answers = scale.answers[row, column]
            middle = np.array([column, row], np.float32) * STRIDE + STRIDE / 2
            sides = np.maximum(answers[BOX] * BOX_UNIT, LEAST)
            edges = np.concatenate([middle - sides[:2], middle + sides[2:]])
            around = scale.heat[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2, 1 - kind]
            yield Candidate(
                kind == 0,
                float(heat[row, column]),
                float(around.max()),
                np.asarray((edges - EDGE) / scale.factor + corner, np.float32),
                answers[DIGITS],
                scale,
            )


def without_repeats(found: Sequence[Candidate]) -> list[Candidate]:
    """Of hits on the same thing the surest (non-maximum suppression), digits and other marks each for themselves."""
    ordered = sorted(found, key=lambda each: -each.heat)
    edges = np.array([each.edges for each in ordered], np.float32).reshape(-1, 4)
    kinds = np.array([each.is_digit for each in ordered], bool)
    scales = np.array([id(each.scale) for each in ordered])
    heats = np.array([each.heat for each in ordered], np.float32)
    free = np.ones(len(ordered), bool)
    kept = []
    for i, one in enumerate(ordered):
        if not free[i]:
            continue
        _, of_both = overlaps(edges[i], edges)
        repeats = free & (kinds == kinds[i]) & (of_both > SAME)
        free &= ~repeats
        seconds = heats[repeats & (scales != scales[i])]
        kept.append(replace(one, seconded=float(seconds.max(initial=0.0))))
    return kept


def overlaps(one: Edges, others: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The area that both cover, as a share of the smaller of them, and of what they cover together.

    A stroke counts as if it were STOUT: two boxes on a 1 would hardly meet otherwise.
    """
    one, others = stout(one), stout(others)
    sides = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    both = np.maximum(sides, 0).prod(axis=1)
    area, areas = (np.maximum(each[..., 2:] - each[..., :2], 1).prod(axis=-1) for each in (one, others))
    return both / np.minimum(area, areas), both / (area + areas - both)


def stout(edges: NDArray[np.float32]) -> NDArray[np.float32]:
    """Boxes (..., 4), made wider or higher where they are slimmer than STOUT."""
    sides = edges[..., 2:] - edges[..., :2]
    missing = np.maximum(STOUT * sides.max(axis=-1, keepdims=True) - sides, 0) / 2
    return np.concatenate([edges[..., :2] - missing, edges[..., 2:] + missing], axis=-1)


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)

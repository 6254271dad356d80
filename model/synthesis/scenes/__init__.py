"""Generated scenes: colour pictures without digits or writing.

They teach a finder what isn't a digit. Nothing in them may look like a single digit on plain ground: rings and bars
come in crowds or as parts of larger objects.
"""

from collections.abc import Callable

import numpy as np

from model.synthesis.scenes.drawings import barcode, drawings, geometry, graph, hatching, square_code
from model.synthesis.scenes.effects import EFFECTS
from model.synthesis.scenes.people import hand, people
from model.synthesis.scenes.places import fence, landscape, room
from model.synthesis.scenes.plants import grass, leaves
from model.synthesis.scenes.shapes import dead_leaves, pebbles
from model.synthesis.scenes.surfaces import (
    blinds,
    bricks,
    camouflage,
    cloth,
    cobbles,
    coloured_noise,
    keyboard,
    knitting,
    stripes,
    weave,
    wood,
)
from model.synthesis.scenes.texture import Picture, Size
from model.synthesis.scenes.things import desk, heap, lone

AFTER_EFFECTS = 1 / 3  # share of pictures that get one or two
KINDS: tuple[tuple[float, Callable[[Size, np.random.Generator], Picture]], ...] = (  # relative frequencies
    (12, dead_leaves),
    (4, pebbles),
    (3, coloured_noise),
    (3, camouflage),
    (5, bricks),
    (4, cobbles),
    (4, wood),
    (4, weave),
    (2, knitting),
    (3, stripes),
    (4, cloth),
    (3, keyboard),
    (2, blinds),
    (4, leaves),
    (3, grass),
    (10, desk),
    (4, heap),
    (9, lone),
    (3, hand),
    (4, people),
    (4, fence),
    (4, landscape),
    (3, room),
    (5, drawings),
    (3, graph),
    (3, geometry),
    (3, hatching),
    (2, barcode),
    (2, square_code),
)
SHARES = np.array([share for share, _ in KINDS]) / sum(share for share, _ in KINDS)


def scene(size: Size, rng: np.random.Generator) -> Picture:
    """Draw a random scene without digits.

    `size` is its width and height in pixels.
    """
    _, make = KINDS[rng.choice(len(KINDS), p=SHARES)]
    picture = make(size, rng)
    if rng.random() < AFTER_EFFECTS:
        for which in rng.choice(len(EFFECTS), rng.integers(1, 3), replace=False):
            picture = EFFECTS[which](picture, rng)
    return picture

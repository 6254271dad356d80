"""A small alphabet of the tests' own handwriting: a hand, a crowd, Latin letters."""

import string
from functools import cache

import numpy as np

from model.data.handwriting import Strokes
from model.synthesis.characters import Alphabet, Character, Hand, from_picture, from_strokes
from tests.handwriting import SHAPES, digits

LETTER = "0,0 0,100 / 60,0 0,50 60,100"


@cache
def alphabet() -> Alphabet:
    """Digits as strokes and as pictures; every letter has the form of a K."""
    hand = Hand({d: [character(shape, d) for shape in shapes] for d, shapes in SHAPES.items()})
    pictures, labels = digits(30, np.random.default_rng(1))
    crowd = Hand({d: [written(from_picture(p, d)) for p in pictures[labels == d]] for d in range(10)})
    letters = {letter: [character(LETTER, None)] for letter in string.ascii_letters}
    return Alphabet([hand], [crowd], letters, [character(LETTER, None)])


def strokes(shape: str) -> Strokes:
    """A form of the tests' own generator as polylines."""
    return [np.array([point.split(",") for point in stroke.split()], np.float32) for stroke in shape.split("/")]


def character(shape: str, digit: int | None) -> Character:
    """A form of the tests' own generator as a character."""
    return written(from_strokes(strokes(shape), digit))


def written(made: Character | None) -> Character:
    """The character, which must be one."""
    assert made is not None
    return made

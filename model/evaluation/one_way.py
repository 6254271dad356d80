"""One of the two ways to find digits by itself, to be measured."""

import time
from collections.abc import Callable
from pathlib import Path

from model.reading.by_rules import RulesReader
from model.reading.classifier import Classifier
from model.reading.finder import FILE
from model.reading.learned import LearnedReader
from model.reading.photo import Photo, decode
from model.reading.reader import reading_of
from model.reading.result import Found, Reading


class OneWay:
    """Reads as a DigitReader does, in one way."""

    def __init__(self, find: Callable[[Photo], Found], version: str) -> None:
        self._find = find
        self.version = version

    def read(self, photo: bytes) -> Reading:
        """The digits in a photo, in reading order. Raises a PhotoError for bytes that can't be read."""
        started = time.perf_counter()
        picture = decode(photo)
        return reading_of(self._find(picture), picture, self.version, started)


def by_rules(model: Path | None = None) -> OneWay:
    """By rules, with the network in a version's folder; None: the one that serves."""
    classifier = Classifier(model)
    rules = RulesReader(classifier)
    return OneWay(lambda picture: rules.find(picture)[0], classifier.version)


def learned(model: Path | None = None, finder: Path = FILE) -> OneWay:
    """By the finder in a file that has its card beside it."""
    classifier = Classifier(model)
    return OneWay(LearnedReader(classifier, finder).find, classifier.version)

"""Reads UNIPEN's train_r01_v07 from Zenodo: digits, letters and signs of 250 writers.

Files under data/ label the strokes in the files that they include from include/: Guyon et al. 1994.
"""

import io
import re
import string
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from model.data.sources.kept import Arrays, Sets, few
from model.data.sources.strokes import Stroke, Written, arrays_of, components, segments, upright
from model.data.sources.suspects import is_suspect

PLACE = re.compile(r"(?:^|/)((?:data/1[abcd]|include)/.+)")  # a path in the archive, without its top folder
LEFT_OUT = {"cea", "ceb", "lou", "tos"}  # contributors whose labels don't match the strokes
STRETCHED = {"aga": 979.3 / 856.7}  # in x, so that both axes have the same unit (points per inch)
DEPTH = 4  # of nested includes

DIGITS, CAPITALS, SMALL, SIGNS = "data/1a", "data/1b", "data/1c", "data/1d"
KNOWN = {
    DIGITS: set(string.digits),
    CAPITALS: set(string.ascii_uppercase),
    SMALL: set(string.ascii_lowercase),
    SIGNS: set(string.punctuation),
}
MOST = {CAPITALS: 4, SMALL: 3, SIGNS: 6}  # per character and writer


@dataclass(frozen=True, slots=True)
class Found:
    """A labelled character and its origin."""

    category: str
    contributor: str
    written: Written


def unipen(archive: bytes) -> Sets:
    """Read unipen_digits, unipen_letters and unipen_symbols, with common writer numbers."""
    found = list(_characters(archive))
    digits, capitals, small, signs = ([each for each in found if each.category == category] for category in KNOWN)
    letters = _few(capitals, MOST[CAPITALS]) + _few(small, MOST[SMALL])
    suspect = np.array([is_suspect(each.written) for each in digits])
    return {
        "unipen_digits": _arrays(digits) | {"suspect": suspect},
        "unipen_letters": _arrays(letters),
        "unipen_symbols": _arrays(_few(signs, MOST[SIGNS])),
    }


def _few(found: list[Found], most: int) -> list[Found]:
    return [found[i] for i in few(((each.written.label, each.written.writer) for each in found), most)]


def _arrays(found: list[Found]) -> Arrays:
    return arrays_of([each.written for each in found]) | {"sources": np.array([each.contributor for each in found])}


def _characters(archive: bytes) -> Iterator[Found]:
    """All characters with a known label, by category, then in order of file names."""
    labelling = _files(archive, lambda path: path.startswith("data/"))
    contributors = {_contributor(path) for path in labelling}
    included = _files(archive, lambda path: path.startswith("include/") and _contributor(path) in contributors)
    writers: dict[tuple[str, str], int] = {}

    @cache
    def drawn_in(paths: tuple[str, ...]) -> tuple[str, list[Stroke]]:
        lines = [line for path in paths for line in _lines(path, included)]
        names = [line.split(maxsplit=1)[1].strip() for line in lines if re.match(r"\.WRITER_ID\s+\S", line)]
        return names[-1] if names else paths[-1], components(lines)  # a file without a name counts as a writer

    for path, text in sorted(labelling.items()):
        category, contributor = path[: len(DIGITS)], _contributor(path)
        name, drawn = drawn_in(tuple(re.findall(r"^\.INCLUDE\s+(\S+)", text, re.MULTILINE)))
        writer = writers.setdefault((contributor, name), len(writers))
        for place, label in segments(text.splitlines()):
            strokes = [stroke for stroke in drawn[place] if len(stroke)]
            if label in KNOWN[category] and place.stop <= len(drawn) and strokes:
                stretch = np.array([STRETCHED.get(contributor, 1), 1], np.float32)
                square = upright([stroke * stretch for stroke in strokes])
                yield Found(category, contributor, Written(label, writer, square))


def _files(archive: bytes, wanted: Callable[[str], bool]) -> dict[str, str]:
    """Extract the wanted files by path, without the contributors left out."""
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            place = PLACE.search(member.name)
            if place and member.isfile() and wanted(place[1]) and _contributor(place[1]) not in LEFT_OUT:
                file = tar.extractfile(member)
                texts[place[1]] = file.read().decode("latin-1") if file else ""
    return texts


def _contributor(path: str) -> str:
    parts = path.split("/")
    return parts[2] if parts[0] == "data" else parts[1]


def _lines(path: str, included: dict[str, str], depth: int = DEPTH) -> Iterator[str]:
    """The lines of an included file, with its own includes inserted."""
    for line in included.get(f"include/{path}", "").splitlines():
        if depth and (inner := re.match(r"\.INCLUDE\s+(\S+)", line)):
            yield from _lines(inner[1], included, depth - 1)
        else:
            yield line

"""The converters' output format, as model.data.handwriting reads it, and thinning."""

import io
from collections import defaultdict
from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]  # labels; images, or points with stroke_ids and sample_ids; writers if known
Sets = dict[str, Arrays]  # by name


def packed(arrays: Arrays) -> bytes:
    """Encode a set as a compressed `.npz` file."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def few(kinds: Iterable[Hashable], most: int) -> list[int]:
    """The indices of at most `most` of each kind, evenly spread, in order."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, kind in enumerate(kinds):
        places[kind].append(place)
    return sorted(place for found in places.values() for place in _spread(found, most))


def _spread(places: list[int], most: int) -> list[int]:
    n = min(most, len(places))
    return [places[i * len(places) // n] for i in range(n)]

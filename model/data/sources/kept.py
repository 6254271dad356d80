"""What every converter gives: sets of characters as arrays, as model.data.handwriting reads them; and which few."""

import io
from collections import defaultdict
from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]  # labels; images, or points with stroke_ids and sample_ids; writers if known
Sets = dict[str, Arrays]  # by name


def packed(arrays: Arrays) -> bytes:
    """The set as a compressed `.npz` file."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def few(kinds: Iterable[Hashable], most: int) -> list[int]:
    """The places of at most `most` of each kind, as far from each other as can be, in order."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, kind in enumerate(kinds):
        places[kind].append(place)
    return sorted(place for found in places.values() for place in _spread(found, most))


def _spread(places: list[int], most: int) -> list[int]:
    n = min(most, len(places))
    return [places[i * len(places) // n] for i in range(n)]

"""Random choices for generated pages."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def any_of(items: Sequence[Item], rng: np.random.Generator) -> Item:
    """One of the items, with equal probability."""
    return items[int(rng.integers(len(items)))]


def log_uniform(low: float, high: float, rng: np.random.Generator) -> float:
    """A log-uniform number from `low` to `high`."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))

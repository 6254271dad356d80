"""Choices that generated pages make by chance."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def any_of(items: Sequence[Item], rng: np.random.Generator) -> Item:
    """One of the items, each as likely."""
    return items[int(rng.integers(len(items)))]


def log_uniform(low: float, high: float, rng: np.random.Generator) -> float:
    """A number from `low` to `high`; each doubling is as likely."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))

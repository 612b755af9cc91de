"""Cheap draws from a numpy `Generator`.

A conversation needs some hundred small draws, and a Generator's scalar methods cost microseconds
each. `Dice` takes uniform numbers in blocks of 64; it depends on the Generator's state alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")

_BLOCK = 64


class Dice:
    """A stream of draws. Not shared between conversations."""

    __slots__ = ("_left", "_rng")

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._left: list[float] = []

    def uniform(self) -> float:
        """A number in 0..1, 1 excluded."""
        if not self._left:
            self._left = self._rng.random(_BLOCK).tolist()
        return self._left.pop()

    def chance(self, share: float) -> bool:
        """True with probability ``share``."""
        return self.uniform() < share

    def below(self, n: int) -> int:
        """A whole number in 0..n-1."""
        return int(self.uniform() * n)

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, each as likely as the others."""
        return items[int(self.uniform() * len(items))]

    def between(self, low: int, high: int) -> int:
        """A whole number in low..high, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def spread(self, low: float, high: float) -> float:
        """A positive number in low..high, its logarithm uniform."""
        return low * math.exp(self.uniform() * math.log(high / low))

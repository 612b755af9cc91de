"""Repeatable choices. Only ``random()`` is used: Python keeps its sequence the same for ever."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded source of choices."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  vectors, not secrets

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self._random.random() < share

    def pick(self, values: Sequence[T]) -> T:
        """One of some values."""
        return values[int(self._random.random() * len(values))]

    def below(self, most: int) -> int:
        """A whole number from 0 to ``most`` - 1."""
        return int(self._random.random() * most)

    def share(self) -> float:
        """A multiple of 1/64 in 0..1: exact as float32 and in JSON."""
        return self.below(65) / 64

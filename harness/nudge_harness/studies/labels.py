"""Words in a drawing where they cover nothing: each takes the first free place beside its point."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from nudge_harness.report.svg import Point

Box: TypeAlias = tuple[float, float, float, float]
Offset: TypeAlias = tuple[float, float]

LETTER: Final = 8.2  # pixels of one letter, as wide as where a phone draws all else narrower
_UP, _DOWN = 13.0, 5.0  # pixels that letters reach over and under their line


class Room:
    """What is taken of a drawing.

    Args:
        width: of the drawing, pixels; words stay inside.
    """

    def __init__(self, width: float) -> None:
        self._width = width
        self._taken: list[Box] = []

    def steps(self, points: Sequence[Point]) -> None:
        """A line of level and upright pieces takes its place."""
        for (x, y), (to_x, to_y) in pairwise(points):
            left, right, top, low = min(x, to_x), max(x, to_x), min(y, to_y), max(y, to_y)
            self._taken.append((left - 1.0, top - 1.0, right + 1.0, low + 1.0))

    def place(
        self, at: Point, said: str, tried: Sequence[Offset], *, ends: bool = False
    ) -> Offset | None:
        """Find room for words and take it.

        Args:
            at: the point that they belong to.
            said: the words.
            tried: where they may begin, from the point; left of it, where they may end. The best
                place first.
            ends: whether they always end there.

        Returns:
            The offset; ``None`` when all places are taken.
        """
        length = LETTER * len(said)
        for right, down in tried:
            x, y = at[0] + right - (length if ends or right < 0.0 else 0.0), at[1] + down
            box = (x, y - _UP, x + length, y + _DOWN)
            inside = x >= 0.0 and box[2] <= self._width
            if inside and not any(_meet(box, other) for other in self._taken):
                self._taken.append(box)
                return right, down
        return None


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]

"""Product codes: a table of vectors in a byte for every few numbers.

Theory
------
A vector is cut into parts of a few numbers each; each part is stored as the number of the nearest
of 256 typical parts, of which every place in the vector has a list of its own (product
quantisation, Jégou, Douze and Schmid 2011). The typical parts are fitted by Lloyd's algorithm
(1982). Two numbers to a byte are 4 bits a number, but nearer to the truth than 4 bits for each by
itself: the list follows how the two are spread, and gives the wider one more of its bits.

A whole table is read in a graph by two look-ups: the bytes of a row, then a part for each byte.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

ENTRIES: Final = 256  # of a list; the first one is all zero, so that a row of zeros stays one
ROUNDS: Final = 15
SAMPLE: Final = 20_000  # rows, at most, that a list is fitted on


def encoded(vectors: Floats, part: int, seed: int) -> tuple[Bytes, Floats]:
    """Fit the lists and encode.

    Args:
        vectors: float32 ``(n, width)``; where a place has at most 255 different parts beside zero,
            they are kept as they are.
        part: numbers to a byte; divides the width.
        seed: of the draws.

    Returns:
        Codes uint8 ``(n, width / part)``, and lists float32 ``(width / part, 256, part)``.

    Raises:
        ValueError: the width is no multiple of ``part``.
    """
    count, width = vectors.shape
    if width % part:
        raise ValueError(f"{width} numbers cannot be cut into parts of {part}")
    rng = np.random.default_rng(seed)
    places = vectors.reshape(count, width // part, part).transpose(1, 0, 2)
    lists = np.stack([_fitted(place, rng) for place in places])
    pairs = zip(places, lists, strict=True)
    codes = np.stack([_nearest(place, own) for place, own in pairs], axis=1)
    return codes.astype(np.uint8), lists


def decoded(codes: Bytes, lists: Floats) -> Floats:
    """The vectors again: float32 ``(n, width)``; arguments as `encoded` returns them."""
    places = np.arange(codes.shape[1])
    return lists[places, codes].reshape(len(codes), -1)


def _fitted(points: Floats, rng: np.random.Generator) -> Floats:
    """One list, float32 ``(256, part)``, for points float32 ``(n, part)``; unused entries: 0."""
    made = np.zeros((ENTRIES, points.shape[1]), dtype=np.float32)
    drawn = points if len(points) <= SAMPLE else rng.permutation(points)[:SAMPLE]
    drawn = drawn[drawn.any(axis=1)]
    distinct = np.unique(drawn, axis=0)
    if len(distinct) < ENTRIES:
        made[1 : 1 + len(distinct)] = distinct
        return made
    made[1:] = rng.permutation(distinct)[: ENTRIES - 1]
    for _ in range(ROUNDS):
        own = _nearest(drawn, made)
        counts = np.bincount(own, minlength=ENTRIES)
        sums = np.stack([np.bincount(own, column, ENTRIES) for column in drawn.T], axis=1)
        # An entry that is nobody's nearest starts anew at a point.
        lost = counts == 0
        made = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
        made[lost] = rng.choice(drawn, int(lost.sum()))
        made[0] = 0.0
    return made


def _nearest(points: Floats, entries: Floats) -> npt.NDArray[np.int64]:
    """Number of each point's nearest entry."""
    half = np.square(entries).sum(axis=1) / 2
    parts = np.array_split(points, max(1, len(points) // 8_192))
    return np.concatenate([(half - part @ entries.T).argmin(axis=1) for part in parts])

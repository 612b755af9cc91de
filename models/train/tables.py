"""The front end's tables: where words lie, and the vectors of words and pieces in one table.

Rows of the one table: the pieces' buckets, a row of zeros, then the words' slots. At the end of
either half of a row (`models.train.codes`) stands a number more: 1 for a word, and the weight of
the row in a mean. A piece weighs more than 1 when pieces are smaller than words: it is stored that
much larger, so that the same steps fit both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.train.codes import LARGEST, ZERO, Bytes, Floats, encoded, packed, steps, unpacked

MOST: Final = 60_000  # buckets, so that sums of four classes' factors stay below 2^24


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicon:
    """Tables of the front end.

    Attributes:
        hash_table: int64 ``(2048,)``, of `models.train.words.hash_table`.
        fingerprints: int32 ``(slots + 1,)``, -1 where no word lies; index 0 is no slot.
        codes: uint8 ``(buckets + 1 + slots, width / 2 + 1)``, two numbers to a byte.
        step: float32 ``(width,)``, what one step of a column is worth.
    """

    hash_table: npt.NDArray[np.int64]
    fingerprints: npt.NDArray[np.int32]
    codes: Bytes
    step: Floats

    @property
    def slots(self) -> int:
        """Number of slots."""
        return len(self.fingerprints) - 1

    @property
    def buckets(self) -> int:
        """Number of buckets of pieces."""
        return self.nothing

    @property
    def nothing(self) -> int:
        """The row of zeros; words' rows lie behind it."""
        return len(self.codes) - 1 - self.slots

    @property
    def width(self) -> int:
        """Floats in a vector."""
        return len(self.step)

    @property
    def columns(self) -> npt.NDArray[np.int64]:
        """Where the numbers of the vector stand in an unpacked row: int64 ``(width,)``."""
        half = self.width // 2
        return np.concatenate([np.arange(half), np.arange(half + 1, self.width + 1)])

    @property
    def known(self) -> int:
        """The column that is 1 for a word; that of the weight is the last."""
        return self.width // 2

    def row_steps(self) -> tuple[Floats, Bytes]:
        """Step float32 and zero uint8 of each column of an unpacked row: ``(width + 2,)``."""
        step = np.ones(self.width + 2, dtype=np.float32)
        zero = np.zeros(self.width + 2, dtype=np.uint8)
        step[self.columns], zero[self.columns] = self.step, ZERO
        return step, zero

    def word_vectors(self) -> Floats:
        """As the graph reads them: float32 ``(slots + 1, width)``; row 0 is zero."""
        return self._vectors(self.codes[self.nothing :])

    def piece_vectors(self) -> Floats:
        """As the graph reads them: float32 ``(buckets + 1, width)``; row 0 is zero."""
        rows = self.codes[: self.nothing + 1]
        weight = np.maximum(unpacked(rows)[:, -1:], 1)
        return np.roll(self._vectors(rows) / weight.astype(np.float32), 1, axis=0)

    def _vectors(self, rows: Bytes) -> Floats:
        step, zero = self.row_steps()
        found = (unpacked(rows).astype(np.float32) - zero) * step
        return np.asarray(found[:, self.columns], dtype=np.float32)


def lexicon_of(
    hash_table: npt.NDArray[np.int64],
    fingerprints: npt.NDArray[np.int32],
    words: Floats,
    pieces: Floats,
) -> Lexicon:
    """Put vectors into one table of codes.

    Args:
        hash_table, fingerprints: as in `Lexicon`.
        words: float32 ``(slots + 1, width)``, row 0 zero; the width is even.
        pieces: float32 ``(buckets + 1, width)``, row 0 zero.

    Raises:
        ValueError: too many buckets, or an odd width.
    """
    buckets = len(pieces) - 1
    if buckets > MOST:
        raise ValueError(f"{buckets} buckets; at most {MOST} can be told apart")
    taken = fingerprints >= 0
    weight = _weight(words[taken], pieces[1:])
    rows = np.concatenate([weight * pieces[1:], pieces[:1], words[1:]])
    step = steps(np.concatenate([rows[:buckets], words[taken]]))
    marks = np.zeros((len(rows), 2), dtype=np.uint8)
    marks[:buckets, 1] = weight
    marks[buckets + np.flatnonzero(taken)] = 1
    low, high = np.split(encoded(rows, step), [words.shape[1] // 2], axis=1)
    codes = packed(np.concatenate([low, marks[:, :1], high, marks[:, 1:]], axis=1))
    return Lexicon(hash_table=hash_table, fingerprints=fingerprints, codes=codes, step=step)


def _weight(words: Floats, pieces: Floats) -> int:
    """How much larger words are than pieces, 1 to 15."""
    sizes = [float(np.square(rows).mean()) if rows.size else 0.0 for rows in (words, pieces)]
    return min(max(1, round((sizes[0] / sizes[1]) ** 0.5)), LARGEST) if sizes[1] else 1

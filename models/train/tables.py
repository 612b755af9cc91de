"""The front end's tables: where words lie, and the vectors of words and pieces in one table.

Rows of the one table: the pieces' buckets, a row of zeros, then the words' slots. Behind each
vector stand two numbers more: 1 for a word, and the weight of the row in a mean. A piece weighs
more than 1 when pieces are smaller than words: it is stored that much larger, so that the same
lists of typical parts fit both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.train.codes import ENTRIES, Bytes, Floats, decoded, encoded

LARGEST: Final = 60_000  # buckets, so that sums of four classes' factors stay below 2^24


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicon:
    """Tables of the front end.

    Attributes:
        hash_table: int64 ``(2048,)``, of `models.train.words.hash_table`.
        fingerprints: int32 ``(slots + 1,)``, -1 where no word lies; index 0 is no slot.
        codes: uint8 ``(buckets + 1 + slots, parts)``, see `models.train.codes`.
        lists: float32 ``(parts, 256, size)``.
    """

    hash_table: npt.NDArray[np.int64]
    fingerprints: npt.NDArray[np.int32]
    codes: Bytes
    lists: Floats

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
        return int((self.lists.shape[0] - 1) * self.lists.shape[2])

    def word_vectors(self) -> Floats:
        """As the graph reads them: float32 ``(slots + 1, width)``; row 0 is zero."""
        return decoded(self.codes[self.nothing :], self.lists)[:, : self.width]

    def piece_vectors(self) -> Floats:
        """As the graph reads them: float32 ``(buckets + 1, width)``; row 0 is zero."""
        rows = decoded(self.codes[: self.nothing + 1], self.lists)
        found = rows[:, : self.width] / np.maximum(rows[:, self.width + 1 :][:, :1], 1.0)
        return np.roll(found, 1, axis=0)


def packed(
    hash_table: npt.NDArray[np.int64],
    fingerprints: npt.NDArray[np.int32],
    words: Floats,
    pieces: Floats,
    *,
    part: int,
    seed: int,
) -> Lexicon:
    """Put vectors into one table of codes.

    Args:
        hash_table, fingerprints: as in `Lexicon`.
        words: float32 ``(slots + 1, width)``, row 0 zero.
        pieces: float32 ``(buckets + 1, width)``, row 0 zero.
        part: numbers to a byte, at least 2; divides the width.
        seed: of the draws.

    Raises:
        ValueError: too many buckets, or ``part`` does not fit.
    """
    if len(pieces) - 1 > LARGEST:
        raise ValueError(f"{len(pieces) - 1} buckets; at most {LARGEST} can be told apart")
    if part < 2:
        raise ValueError("a part has at least two numbers")
    taken = np.flatnonzero(fingerprints >= 0)
    weight = _weight(words[taken], pieces[1:])
    rows = np.concatenate([np.roll(pieces, -1, axis=0) * weight, words[1:]])
    codes, lists = encoded(rows, part, seed)
    marks = np.zeros((1, ENTRIES, part), dtype=np.float32)
    marks[0, 1:3, :2] = [[0.0, weight], [1.0, 1.0]]
    marked = np.zeros((len(rows), 1), dtype=np.uint8)
    marked[: len(pieces) - 1] = 1
    marked[len(pieces) - 1 + taken] = 2
    return Lexicon(
        hash_table=hash_table,
        fingerprints=fingerprints,
        codes=np.concatenate([codes, marked], axis=1),
        lists=np.concatenate([lists, marks]),
    )


def _weight(words: Floats, pieces: Floats) -> float:
    """How much larger words are than pieces, in whole numbers from 1 on, which float32 keeps."""
    sizes = [float(np.square(rows).mean()) if rows.size else 0.0 for rows in (words, pieces)]
    return float(max(1, round((sizes[0] / sizes[1]) ** 0.5))) if sizes[1] else 1.0

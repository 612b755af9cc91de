"""The front end's tables: where words lie, and the vectors of words and pieces in one table.

Rows of the one table: the pieces' buckets, a row of zeros, then the words' slots. A row is stored
so many times larger than it is, 1 to 15, that the same steps (`models.train.codes`) fit them all:
each word's factor is the one with the least squared error, and all pieces have one, so that their
sum over the factors' sum is their mean. At the end of the row's second half stands its factor; at
the end of its first half stands the same again for a word and 0 for a piece, whose mean thus says
whether the word was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.train.codes import LARGEST, ZERO, Bytes, Floats, encoded, packed, steps, unpacked

MOST: Final = 60_000  # buckets, so that sums of four classes' factors stay below 2^24
MOST_ROWS: Final = 2**17  # of the table, so that a row and a mark above all rows fit such a sum


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
        """The column that says whether it is a word; that of the factor is the last."""
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
        return np.roll(self._vectors(self.codes[: self.nothing + 1]), 1, axis=0)

    def _vectors(self, rows: Bytes) -> Floats:
        step, zero = self.row_steps()
        found = (unpacked(rows).astype(np.float32) - zero) * step
        factor = np.maximum(found[:, -1:], 1.0)
        return np.asarray(found[:, self.columns] / factor, dtype=np.float32)


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
        ValueError: too many buckets or rows, or an odd width.
    """
    buckets = len(pieces) - 1
    if buckets > MOST:
        raise ValueError(f"{buckets} buckets; at most {MOST} can be told apart")
    if buckets + len(words) >= MOST_ROWS:
        raise ValueError(f"{buckets} buckets and {len(words) - 1} slots; {MOST_ROWS} are too many")
    taken = fingerprints >= 0
    own, all_pieces = _factors(words[taken], pieces[1:])
    larger = all_pieces * pieces[1:]
    step = steps(np.concatenate([larger, own[:, None] * words[taken]]))
    own = _best(words[taken], step)
    factor = np.zeros(len(fingerprints), dtype=np.float32)
    factor[taken] = own
    rows = np.concatenate([larger, factor[:, None] * words])
    marks = np.zeros((len(rows), 2), dtype=np.uint8)
    marks[:buckets, 1] = all_pieces
    marks[buckets:] = factor[:, None]
    low, high = np.split(encoded(rows, step), [words.shape[1] // 2], axis=1)
    codes = packed(np.concatenate([low, marks[:, :1], high, marks[:, 1:]], axis=1))
    return Lexicon(hash_table=hash_table, fingerprints=fingerprints, codes=codes, step=step)


def _factors(words: Floats, pieces: Floats) -> tuple[Floats, np.float32]:
    """Factors that make all rows alike in size, as far as 1 to 15 can: of each word, of all pieces.

    Words get about half of the range, or less if pieces are so much smaller.
    """
    sizes = np.sqrt(np.square(words).mean(axis=1)) + np.float32(1e-9)
    small = np.sqrt(np.square(pieces).mean()) if pieces.size else np.float32(1.0)
    middle = min(LARGEST / 2, LARGEST * float(small / np.median(sizes))) if len(sizes) else 1.0
    aim = middle * np.median(sizes) if len(sizes) else small
    of_words = np.clip(np.rint(aim / sizes), 1, LARGEST).astype(np.float32)
    return of_words, np.float32(np.clip(np.rint(aim / max(small, 1e-9)), 1, LARGEST))


def _best(words: Floats, step: Floats) -> Floats:
    """Factor of each word with the least squared error, for these steps."""
    off = []
    for factor in np.arange(1, LARGEST + 1, dtype=np.float32):
        found = (encoded(factor * words, step).astype(np.float32) - ZERO) * step / factor
        off.append(np.square(found - words).sum(axis=1))
    return np.asarray(1 + np.argmin(off, axis=0), dtype=np.float32)

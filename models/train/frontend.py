"""The front of the graph: code points in, one vector a word out. No weights are learned here.

Single and batched graph share every line; the batched one carries each character's message number
along.

Steps: characters (`models.train.characters`) -> cut words -> hash -> look up (plain, then leet) ->
vector of the word, or of its pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.train.build import Builder, Value
from models.train.characters import characters, kinds, shifted
from models.train.fold import CLASSES, LETTERS, fold_tables
from models.train.words import FINGERPRINT, GRAM_FACTORS, POSITIONS, SHIFTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicon:
    """Tables of the front end.

    Attributes:
        hash_table: int64 ``(2048,)``, of `models.train.words.hash_table`.
        fingerprints: int32 ``(slots + 1,)``, -1 where no word lies; index 0 is no slot.
        word_vectors: int8 ``(slots + 1, width)`` in -127..127; row 0 is zero.
        gram_vectors: int8 ``(buckets + 1, width)`` in -127..127; row 0 is zero.
        word_scale, gram_scale: what one int8 step is worth.
    """

    hash_table: npt.NDArray[np.int64]
    fingerprints: npt.NDArray[np.int32]
    word_vectors: npt.NDArray[np.int8]
    gram_vectors: npt.NDArray[np.int8]
    word_scale: float
    gram_scale: float

    @property
    def slots(self) -> int:
        """Number of slots."""
        return len(self.fingerprints) - 1

    @property
    def buckets(self) -> int:
        """Number of n-gram buckets."""
        return len(self.gram_vectors) - 1

    @property
    def width(self) -> int:
        """Floats in a vector."""
        return int(self.word_vectors.shape[1])


@dataclass(frozen=True, slots=True)
class Words:
    """Names of the graph's values for the w words of all messages, in reading order.

    Attributes:
        vectors: float32 ``(w, width)``.
        known: float32 ``(w, 1)``, 1 where the word was found, else 0.
        message: int64 ``(w,)``, number of the word's message; ``None`` in the single graph.
        rows: int64 ``(w,)``, row of the word's vector, 0 where it was not found.
    """

    vectors: Value
    known: Value
    message: Value | None
    rows: Value


def front_end(g: Builder, codepoints: Value, lengths: Value | None, lexicon: Lexicon) -> Words:
    """Build the front end.

    Args:
        codepoints: int32 ``(n,)``, of any value; what is no code point is read as the nearest one.
        lengths: int64 ``(b,)`` of the batched graph; ``None`` makes the single one.
        lexicon: the tables, which become constants.
    """
    c, message = characters(g, codepoints, lengths)
    kind = g.Gather(kinds(), c)
    part = g.Equal(kind, 1)
    token = g.Equal(kind, 2)
    not_part = g.cast(g.Not(part), np.int64)
    starts = g.Or(token, g.And(part, g.Equal(shifted(g, not_part, 1), 1)))
    ends = g.Or(token, g.And(part, g.Equal(shifted(g, not_part, -1), 1)))
    at = g.Range(0, g.Squeeze(g.Shape(c)), 1)
    first, last = g.Compress(at, starts, axis=0), g.Compress(at, ends, axis=0)
    word_of = g.Max(g.Sub(g.CumSum(g.cast(starts, np.int64), 0), 1), 0)
    in_word = g.Or(part, token)
    rows = _look_up(g, c, first, last, word_of, at, in_word, lexicon)
    known = g.cast(g.Greater(rows, 0), np.float32)
    vectors = g.Mul(
        g.cast(g.Gather(lexicon.word_vectors, rows, axis=0), np.float32), lexicon.word_scale
    )
    pieces = _pieces(g, c, part, word_of, first, lexicon)
    known = g.Unsqueeze(known, [1])
    vectors = g.Add(vectors, g.Mul(pieces, g.Sub(1.0, known)))
    words_message = None if message is None else g.Gather(message, first)
    return Words(vectors, known, words_message, rows)


def _look_up(
    g: Builder,
    c: Value,
    first: Value,
    last: Value,
    word_of: Value,
    at: Value,
    in_word: Value,
    lexicon: Lexicon,
) -> Value:
    """Row of each word, 0 where it is not found: int64 ``(w,)``."""
    # ``word_of`` is 0 before the first word and ``first`` may be empty: one extra entry holds both.
    start = g.Gather(g.Concat(first, [0], axis=0), word_of)
    position = g.Max(g.Min(g.Sub(at, start), POSITIONS - 1), 0)
    leet = fold_tables().leet.astype(np.int64)
    letter = np.zeros(CLASSES, dtype=np.int64)
    letter[list(LETTERS)] = 1
    base = g.Mul(position, CLASSES)
    plain = g.Gather(lexicon.hash_table, g.Add(base, c))
    other = g.Gather(lexicon.hash_table, g.Add(base, g.Gather(leet, c)))
    inside = g.cast(in_word, np.int64)
    columns = g.Concat(
        *(g.Unsqueeze(item, [1]) for item in (plain, other, g.Gather(letter, c))), axis=1
    )
    columns = g.Mul(columns, g.Unsqueeze(inside, [1]))
    total = g.CumSum(columns, 0)
    sums = g.Add(
        g.Sub(g.Gather(total, last, axis=0), g.Gather(total, first, axis=0)),
        g.Gather(columns, first, axis=0),
    )
    plain, other, letters = (
        g.Squeeze(item, [1]) for item in g.Split(sums, [1, 1, 1], axis=1, outputs=3)
    )
    hashes = g.Concat(plain, other, axis=0)
    print_ = g.cast(g.Mod(hashes, FINGERPRINT), np.int32)
    found = None
    for shift in SHIFTS:
        slot = g.Add(g.Mod(g.Div(hashes, shift), lexicon.slots), 1)
        hit = g.Mul(slot, g.cast(g.Equal(g.Gather(lexicon.fingerprints, slot), print_), np.int64))
        found = hit if found is None else g.Max(found, hit)
    half = g.Shape(plain)
    rows_plain = g.Slice(found, [0], half)
    rows_leet = g.Mul(g.Slice(found, half, [2**31]), g.Min(letters, 1))
    return str(g.Where(g.Greater(rows_plain, 0), rows_plain, rows_leet))


def _pieces(
    g: Builder, c: Value, part: Value, word_of: Value, first: Value, lexicon: Lexicon
) -> Value:
    """Mean vector of each word's n-grams: float32 ``(w, width)``; zero for tokens."""
    leet = fold_tables().leet.astype(np.int64)
    inside = g.cast(part, np.int64)
    read = g.Mul(g.Gather(leet, c), inside)
    after = shifted(g, read, -1)
    tri = g.Add(g.Mul(g.Add(g.Mul(shifted(g, read, 1), CLASSES), read), CLASSES), after)
    quad = g.Add(g.Mul(tri, CLASSES), shifted(g, read, -2))
    has_next = g.Mul(inside, g.cast(g.Greater(after, 0), np.int64))
    # A 4-gram belongs to a place only when the next place is in the word, so that the boundary
    # after the last character is counted once, by its 3-gram.
    grams = []
    for code, factor, mask in ((tri, GRAM_FACTORS[0], inside), (quad, GRAM_FACTORS[1], has_next)):
        bucket = g.Add(g.Mod(g.Mul(code, factor), lexicon.buckets), 1)
        grams.append(g.Unsqueeze(g.Mul(bucket, mask), [1]))
    buckets = g.Concat(*grams, axis=1)
    vectors = g.ReduceSum(
        g.cast(g.Gather(lexicon.gram_vectors, buckets, axis=0), np.float32), [1], keepdims=0
    )
    counts = g.cast(g.Unsqueeze(g.Add(inside, has_next), [1]), np.float32)
    both = g.Concat(vectors, counts, axis=1)
    shape = g.Concat(g.Add(g.Shape(first), 1), [lexicon.width + 1], axis=0)
    summed = g.ScatterND(g.ConstantOfShape(shape), g.Unsqueeze(word_of, [1]), both, reduction="add")
    summed = g.Slice(summed, [0], g.Shape(first))
    vectors, counts = g.Split(summed, [lexicon.width, 1], axis=1, outputs=2)
    return str(g.Mul(g.Div(vectors, g.Max(counts, 1.0)), lexicon.gram_scale))

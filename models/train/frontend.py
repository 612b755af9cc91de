"""The front of the graph: code points in, one vector a word out. No weights are learned here.

Single and batched graph share every line: the batched one first spreads the messages with two
separators between them and carries each character's message number along.

Steps: fold -> drop -> shorten repeats -> join spaced-out letters -> cut words -> hash -> look up
(plain, then leet) -> vector of the word, or of its pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.train.build import Builder, Value
from models.train.fold import CLASSES, DIGITS, DROP, LAST, LETTERS, fold_tables
from models.train.words import FINGERPRINT, GRAM_FACTORS, POSITIONS, SHIFTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicon:
    """Tables of the front end.

    Attributes:
        hash_table: int64 ``(2048,)``.
        fingerprints: int32 ``(slots + 1,)``.
        word_vectors: int8 ``(slots + 1, width)``; row 0 is zero.
        gram_vectors: int8 ``(buckets + 1, width)``; row 0 is zero.
        word_scale, gram_scale: float, what one int8 step is worth.
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
    """``vectors``: float ``[w, width]``. ``known``: float ``[w, 1]``, 1 where the word was found.
    ``message``: int64 ``[w]``, or ``None`` in the single graph. ``rows``: int64 ``[w]``."""

    vectors: Value
    known: Value
    message: Value | None
    rows: Value


def spread(g: Builder, codepoints: Value, lengths: Value) -> tuple[Value, Value]:
    """Messages one after another, each followed by two NULs; and each place's message number."""
    n = g.Shape(codepoints)
    b = g.Shape(lengths)
    ends = g.CumSum(lengths, 0)
    firsts = g.Sub(ends, lengths)
    numbers = g.Range(0, g.Squeeze(b), 1)
    marks = g.ConstantOfShape(g.Add(n, 1), value=_int64_zero())
    marks = g.ScatterElements(marks, firsts, g.Expand(1, b), axis=0, reduction="add")
    own = g.Sub(g.CumSum(g.Slice(marks, [0], n), 0), 1)
    places = g.Add(g.Range(0, g.Squeeze(n), 1), g.Mul(own, 2))
    total = g.Add(n, g.Mul(b, 2))
    flat = g.ConstantOfShape(total, value=_int64_zero())
    flat = g.ScatterElements(flat, places, g.cast(codepoints, np.int64), axis=0)
    spots = g.Add(firsts, g.Mul(numbers, 2))
    marks = g.ConstantOfShape(total, value=_int64_zero())
    marks = g.ScatterElements(marks, spots, g.Expand(1, b), axis=0)
    return flat, g.Sub(g.CumSum(marks, 0), 1)


def _int64_zero() -> object:
    from onnx import helper

    return helper.make_tensor("zero", 7, [1], [0])


def _fold(g: Builder, flat: Value) -> Value:
    tables = fold_tables()
    clipped = g.Max(g.Min(flat, LAST), 0)
    block = g.cast(g.Gather(tables.blocks, g.Div(clipped, 256)), np.int64)
    place = g.Add(g.Mul(block, 256), g.Mod(clipped, 256))
    return g.cast(g.Gather(tables.classes, place), np.int64)


def _shifted(g: Builder, values: Value, by: int) -> Value:
    """``values`` moved right (by > 0) or left, zeros coming in, same length."""
    zeros = np.zeros(abs(by), dtype=np.int64)
    if by > 0:
        return g.Slice(g.Concat(zeros, values, axis=0), [0], [-by])
    return g.Slice(g.Concat(values, zeros, axis=0), [-by], [2**31])


def _keep(g: Builder, keep: Value, *arrays: Value | None) -> list[Value | None]:
    return [None if a is None else g.Compress(a, keep, axis=0) for a in arrays]


def _tidy(g: Builder, c: Value, message: Value | None) -> tuple[Value, Value | None]:
    """Drop what is dropped; shorten repeats; join single letters that are spaced out."""
    c, message = _keep(g, g.Not(g.Equal(c, DROP)), c, message)  # type: ignore[assignment]
    is_letter = np.zeros(CLASSES, dtype=bool)
    is_letter[list(LETTERS)] = True
    again = g.And(g.Equal(c, _shifted(g, c, 1)), g.Equal(c, _shifted(g, c, 2)))
    c, message = _keep(  # type: ignore[assignment]
        g, g.Not(g.And(again, g.Gather(is_letter, c))), c, message
    )
    kind = g.Gather(_kind(), c)
    part = g.Equal(kind, 1)
    as_int = g.cast(part, np.int64)
    before, after = _shifted(g, as_int, 1), _shifted(g, as_int, -1)
    single = g.cast(g.And(part, g.Equal(g.Add(before, after), 0)), np.int64)
    # A separator goes when it stands between two lone characters and a third lone character is
    # near on either side: "h e y" is joined, "i a" is not.
    left, right = _shifted(g, single, 1), _shifted(g, single, -1)
    near = g.Add(_shifted(g, single, 3), _shifted(g, single, -3))
    joins = g.And(
        g.And(g.Equal(c, 0), g.Equal(g.Add(left, right), 2)), g.Greater(near, 0)
    )
    c, message = _keep(g, g.Not(joins), c, message)  # type: ignore[assignment]
    return c, message


def _kind() -> npt.NDArray[np.int64]:
    return fold_tables().kind.astype(np.int64)


def front_end(
    g: Builder, codepoints: Value, lengths: Value | None, lexicon: Lexicon
) -> Words:
    """Build the front end; ``lengths`` makes it the batched one."""
    if lengths is None:
        flat, message = g.cast(codepoints, np.int64), None
        pad = np.zeros(2, dtype=np.int64)
        flat = g.Concat(pad, flat, pad, axis=0)
    else:
        flat, message = spread(g, codepoints, lengths)
        pad = np.zeros(2, dtype=np.int64)
        flat = g.Concat(pad, flat, pad, axis=0)
        message = g.Concat(pad, message, pad, axis=0)
    c, message = _tidy(g, _fold(g, flat), message)
    kind = g.Gather(_kind(), c)
    part = g.Equal(kind, 1)
    token = g.Equal(kind, 2)
    not_part = g.cast(g.Not(part), np.int64)
    starts = g.Or(token, g.And(part, g.Equal(_shifted(g, not_part, 1), 1)))
    ends = g.Or(token, g.And(part, g.Equal(_shifted(g, not_part, -1), 1)))
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
    """Row of each word, 0 where it is not found."""
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
    plain, other, letters = (g.Squeeze(item, [1]) for item in g.Split(
        sums, [1, 1, 1], axis=1, outputs=3
    ))
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
    return g.Where(g.Greater(rows_plain, 0), rows_plain, rows_leet)


def _pieces(
    g: Builder, c: Value, part: Value, word_of: Value, first: Value, lexicon: Lexicon
) -> Value:
    """Mean vector of each word's n-grams: float ``[w, width]``; zero for tokens."""
    leet = fold_tables().leet.astype(np.int64)
    inside = g.cast(part, np.int64)
    read = g.Mul(g.Gather(leet, c), inside)
    after = _shifted(g, read, -1)
    tri = g.Add(
        g.Mul(g.Add(g.Mul(_shifted(g, read, 1), CLASSES), read), CLASSES), after
    )
    quad = g.Add(g.Mul(tri, CLASSES), _shifted(g, read, -2))
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
    summed = g.ScatterND(
        g.ConstantOfShape(shape), g.Unsqueeze(word_of, [1]), both, reduction="add"
    )
    summed = g.Slice(summed, [0], g.Shape(first))
    vectors, counts = g.Split(summed, [lexicon.width, 1], axis=1, outputs=2)
    return g.Mul(g.Div(vectors, g.Max(counts, 1.0)), lexicon.gram_scale)


_ = DIGITS

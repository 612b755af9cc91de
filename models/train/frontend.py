"""The front of the graph: code points in, one vector a word out. No weights are learned here.

Single and batched graph share nearly every line; the batched one carries each character's message
number along.

Steps: characters (`models.train.characters`) -> cut words -> hash -> look up (plain, then leet) ->
mean of a word's rows, which are its own if it was found, or those of its pieces.

Rows of words: before the words of each message stands an empty one, all zero, which holds what
comes before the first word and keeps messages apart.

Numbers of a character (`_marks`) decide nearly everything: ``sort`` is below 1 for what is no word,
1 inside of a word, and more than any row where a word starts. So ``sort > 1`` is where words start,
and ``sort > row of the word`` chooses the places whose rows are read: the start of a word that was
found, every place of one that was not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx

from models.train.build import INT64, Builder, Value
from models.train.characters import characters
from models.train.codes import LARGEST
from models.train.fold import CLASSES, LETTERS, fold_tables
from models.train.local import Sum, local_sums
from models.train.tables import MOST_ROWS, Lexicon
from models.train.words import FINGERPRINT, GRAM_FACTORS, POSITIONS, SHIFTS

START: Final = MOST_ROWS  # more than any row


@dataclass(frozen=True, slots=True)
class Words:
    """Names of the graph's values for the r rows: words in reading order, and the empty ones.

    The single graph has one empty row, or two and no other: a convolution wants one to be left.

    Attributes:
        vectors: float32 ``(r, width + 2)``, laid out as rows of the tables: the numbers of the
            vector, 1 for a word that was found and 1 for one that has any row.
        rows: int64 ``(r,)``, row of the word in the tables, 0 where it was not found.
        empty: bool ``(1,)``, whether there is no word; ``None`` in the batched graph.
        message: int64 ``(r,)``, number of the message; ``None`` in the single graph.
        real: bool ``(r,)``, whether it is a word and no empty row; ``None`` in the single graph.
    """

    vectors: Value
    rows: Value
    empty: Value | None = None
    message: Value | None = None
    real: Value | None = None


@dataclass(frozen=True, slots=True)
class _Cut:
    """``word`` int64 ``(m,)`` and ``own`` ``(m, 1)``, each character's row; ``place`` int64
    ``(m,)``, its place in the word; ``rows`` int64 ``(1,)``, how many there are."""

    word: Value
    own: Value
    place: Value
    rows: Value


@dataclass(frozen=True, slots=True)
class _Marks:
    """``sort`` int64 ``(m,)``; ``pieces`` int64 ``(1, 2, m)``, rows of the 3-gram and the 4-gram at
    each place; ``none`` int64 ``(1, 2, m)``, `Lexicon.nothing` where there is no such piece, else
    0. A 4-gram belongs to a place only when the next place is in the word, so that the boundary
    after the last character is counted once, by its 3-gram."""

    sort: Value
    pieces: Value
    none: Value


def front_end(g: Builder, codepoints: Value, lengths: Value | None, lexicon: Lexicon) -> Words:
    """Build the front end.

    Args:
        codepoints: int32 ``(n,)``, of any value; what is no code point is read as the nearest one.
        lengths: int64 ``(b,)`` of the batched graph; ``None`` makes the single one.
        lexicon: the tables, which become constants.
    """
    c, message = characters(g, codepoints, lengths)
    marks = _marks(g, c, lexicon)
    starts = g.Greater(marks.sort, 1)
    at = g.Range(0, g.Size(c), 1)
    if message is None:
        first = g.Concat([0], g.Compress(at, starts, axis=0), axis=0)
        word = g.CumSum(g.cast(starts, np.int64), 0)
        rows = g.Max(g.Shape(first), [2])
        about = {"empty": g.Equal(g.Shape(first), 1)}
    else:
        before = g.Concat([-1], g.Slice(message, [0], [-1]), axis=0)
        begins = g.Or(starts, g.Greater(message, before))
        first = g.Compress(at, begins, axis=0)
        word = g.Sub(g.CumSum(g.cast(begins, np.int64), 0), 1)
        rows = g.Shape(first)
        real = g.Compress(starts, begins, axis=0)
        about = {"message": g.Gather(message, first), "real": real}
    cut = _Cut(word, g.Unsqueeze(word, [1]), g.Sub(at, g.Gather(first, word)), rows)
    row = _look_up(g, c, cut, lexicon)
    return Words(_vectors(g, marks, row, cut, lexicon), row, **about)


def _marks(g: Builder, c: Value, lexicon: Lexicon) -> _Marks:
    """Numbers of each character."""
    kind = fold_tables().kind
    part = kind == 1
    features = {"part": part, "token": kind == 2, "read": fold_tables().leet * part}
    buckets, nothing = lexicon.buckets, lexicon.nothing
    sums: list[Sum] = [
        {("part", 0): START, ("part", -1): 1 - START, ("token", 0): 2 * START},
        _gram(3, GRAM_FACTORS[0], buckets),
        _gram(4, GRAM_FACTORS[1], buckets),
        {("", 0): nothing, ("part", 0): -nothing},
        {("", 0): 2 * nothing, ("part", 0): -nothing, ("part", 1): -nothing},
    ]
    no_more = np.full((5, 1), 2**24, dtype=np.float32)
    no_more[3:] = nothing
    marks = g.cast(g.Min(local_sums(g, c, features, sums), no_more), np.int64)
    sort, grams, none = g.Split(marks, [1, 2, 2], axis=1, outputs=3)
    return _Marks(g.Reshape(sort, [-1]), g.Mod(grams, buckets), none)


def _gram(length: int, factor: int, buckets: int) -> Sum:
    """Bucket of an n-gram that begins one place to the left, but for the last modulus.

    ``code * factor % buckets`` as `models.train.words.grams_of` has it, with the factors of the
    code's digits already reduced, so that the sum stays small.
    """
    digits = range(length)
    return {("read", i - 1): CLASSES ** (length - 1 - i) * factor % buckets for i in digits}


def _look_up(g: Builder, c: Value, cut: _Cut, lexicon: Lexicon) -> Value:
    """Row of each word in the tables, 0 where it is not found: int64 ``(r,)``.

    Two readings of each word, plain and leet, have a hash each, the sum of its characters' entries.
    A hash counts only where its reading has anything to it: a letter, for leet. Else it becomes 0,
    which is the fingerprint of no word.
    """
    columns = _hash_columns(lexicon.hash_table)
    entry = g.Gather(columns, g.Add(g.Mul(g.Min(cut.place, POSITIONS - 1), CLASSES), c), axis=0)
    shape = g.Concat(cut.rows, columns.shape[1:], axis=0)
    zeros = g.ConstantOfShape(shape, value=_zero())
    sums = g.ScatterND(zeros, cut.own, entry, reduction="add")
    hashes, valid = g.Split(sums, [2, 2], axis=1, outputs=2)
    hashes = g.Mul(hashes, g.Min(valid, 1))
    slot = g.Mod(g.Div(hashes, SHIFTS), lexicon.slots)
    prints = g.Gather(g.small(lexicon.fingerprints[1:]), slot)
    hit = g.Equal(prints, g.Mod(hashes, FINGERPRINT))
    # A plain hit comes before any leet one: it is worth more by the number of all rows.
    rows = len(lexicon.codes)
    worth = np.array([[lexicon.nothing + 1 + rows], [lexicon.nothing + 1]])
    best = g.ReduceMax(g.Where(hit, g.Add(slot, worth), 0), [1, 2], keepdims=0)
    return str(g.Mod(best, rows))


def _hash_columns(table: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What a character adds to its word's sums, by place and class: int64 ``(2048, 4, 1)``.

    Its entry in the plain hash and in the leet one; 1; and 1 for a letter. Separators add nothing.
    """
    tables = fold_tables()
    entries = table.reshape(POSITIONS, CLASSES)
    letter = np.isin(np.arange(CLASSES), LETTERS)
    ones = np.ones_like(entries)
    columns = np.stack([entries, entries[:, tables.leet], ones, ones * letter], axis=2)
    columns[:, tables.kind == 0] = 0
    return columns.reshape(-1, 4, 1)


def _vectors(g: Builder, marks: _Marks, row: Value, cut: _Cut, lexicon: Lexicon) -> Value:
    """Mean of the rows of each word: float32 ``(r, width + 2)``.

    A word that was found lies behind all pieces in the tables, so that the larger row is the right
    one; it stands twice then, in place of both n-grams, which leaves its mean as it is.
    """
    own = g.Gather(row, cut.word)
    chosen = g.Greater(marks.sort, own)
    rows = g.Compress(g.Max(marks.pieces, marks.none, own), chosen, axis=2)
    codes = g.Gather(lexicon.codes, rows, axis=0)
    low = g.BitwiseAnd(codes, np.uint8(LARGEST))
    high = g.BitShift(codes, np.uint8(4), direction="RIGHT")
    step, zero = lexicon.row_steps()
    read = g.DequantizeLinear(g.Concat(low, high, axis=3), step, zero, axis=3)
    both = g.ReduceSum(read, [0, 1], keepdims=0)
    zeros = g.ConstantOfShape(g.Concat(cut.rows, [len(step)], axis=0))
    sums = g.ScatterND(zeros, g.Compress(cut.own, chosen, axis=0), both, reduction="add")
    weight = g.Slice(sums, [-1], [2**31], [1])
    return str(g.Div(sums, g.Max(weight, 1.0)))


def _zero() -> onnx.TensorProto:
    return onnx.helper.make_tensor("zero", INT64, [1], [0])

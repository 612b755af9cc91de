"""Code points to tidy character classes: the first nodes of the graph.

The batched graph first spreads the messages, each between two separators: so a message reads the
same in a batch as alone.

Steps: clip -> fold -> drop -> shorten repeats and join spaced-out letters.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx

from models.train.build import INT32, INT64, Builder, Value
from models.train.fold import CLASSES, DROP, LAST, LETTERS, SEPARATOR, fold_tables
from models.train.local import Sum, local_sums

UNLIKE: Final = 10_000.0  # more than any difference of classes makes


def characters(g: Builder, codepoints: Value, lengths: Value | None) -> tuple[Value, Value | None]:
    """Build the nodes.

    Args:
        codepoints: int32 ``(n,)``, of any value; what is no code point is read as the nearest one.
        lengths: int64 ``(b,)`` of the batched graph; ``None`` makes the single one.

    Returns:
        Classes 0..62, int64 ``(m,)``, and each one's message number, int64 ``(m,)``, or ``None`` in
        the single graph. The text ends with a separator; in the batched graph each message also
        begins with one.
    """
    message = None
    if lengths is None:  # a convolution wants at least one character
        codepoints = g.Concat(codepoints, np.zeros(1, dtype=np.int32), axis=0)
    else:
        codepoints, message = spread(g, codepoints, lengths)
    return _tidy(g, _fold(g, codepoints), message)


def spread(g: Builder, codepoints: Value, lengths: Value) -> tuple[Value, Value]:
    """Lay messages one after another, each between two NULs.

    Args:
        codepoints: int32 ``(n,)``, all messages' code points without a gap.
        lengths: int64 ``(b,)``, code points of each message; they sum to n.

    Returns:
        Code points, int32, and each place's message number, int64: ``(n + 2 * b,)`` both.
    """
    n = g.Shape(codepoints)
    b = g.Shape(lengths)
    firsts = g.Sub(g.CumSum(lengths, 0), lengths)
    marks = g.ConstantOfShape(g.Add(n, 1), value=_zero(INT64))
    marks = g.ScatterElements(marks, firsts, g.Expand(1, b), axis=0, reduction="add")
    own = g.Sub(g.CumSum(g.Slice(marks, [0], n), 0), 1)
    places = g.Add(g.Range(1, g.Squeeze(g.Add(n, 1)), 1), g.Mul(own, 2))
    total = g.Add(n, g.Mul(b, 2))
    flat = g.ConstantOfShape(total, value=_zero(INT32))
    flat = g.ScatterElements(flat, places, codepoints, axis=0)
    spots = g.Add(firsts, g.Mul(g.Range(0, g.Squeeze(b), 1), 2))
    marks = g.ConstantOfShape(total, value=_zero(INT64))
    marks = g.ScatterElements(marks, spots, g.Expand(1, b), axis=0)
    return flat, g.Sub(g.CumSum(marks, 0), 1)


def _zero(kind: int) -> onnx.TensorProto:
    return onnx.helper.make_tensor("zero", kind, [1], [0])


def _fold(g: Builder, codepoints: Value) -> Value:
    """Classes 0..63, int64 ``(n,)``."""
    tables = fold_tables()
    clipped = g.Clip(codepoints, np.int32(0), np.int32(LAST))
    # Less what the block's own code points begin with, so that the low byte need not be cut out.
    moved = 256 * (tables.blocks - np.arange(len(tables.blocks), dtype=np.int32))
    block = g.Gather(moved, g.Div(clipped, np.int32(256)))
    return str(g.Gather(g.small(tables.classes), g.Add(clipped, block)))


def _keep(g: Builder, keep: Value, c: Value, message: Value | None) -> tuple[Value, Value | None]:
    kept = g.Compress(c, keep, axis=0)
    return kept, None if message is None else g.Compress(message, keep, axis=0)


def _tidy(g: Builder, c: Value, message: Value | None) -> tuple[Value, Value | None]:
    """Drop what is dropped; shorten repeats; join single letters that are spaced out.

    Three sums, each of which is zero where a character goes. The first: it is a letter, the third
    alike. The others: a separator stands between two lone characters, and a third lone character
    is near on the left, or on the right: "h e y" is joined, "i a" is not. A lone character has no
    part of a word beside it, so no letter of a run is one, shortened or not: both can be done at
    once.
    """
    c, message = _keep(g, g.Less(c, DROP), c, message)
    classes = np.arange(CLASSES)
    letter = np.isin(classes, LETTERS)
    features = {
        "letter": classes * letter,
        "other": ~letter,
        "part": fold_tables().kind == 1,
        "separator": classes == SEPARATOR,
    }
    repeat: Sum = {
        ("letter", 0): CLASSES + 1, ("letter", -1): -CLASSES, ("letter", -2): -1,
        ("other", 0): UNLIKE,
    }  # fmt: skip
    product = g.ReduceProd(
        local_sums(g, c, features, [repeat, _joins(-1), _joins(1)]), [0, 1], keepdims=0
    )
    return _keep(g, g.cast(product, np.bool_), c, message)


def _joins(side: int) -> Sum:
    """Zero for a separator between two lone characters with a third on this side."""
    return {
        ("separator", 0): 1, ("part", -1): 1, ("part", -2): -1, ("part", 1): 1, ("part", 2): -1,
        ("part", 3 * side): 1, ("part", 4 * side): -1, ("", 0): -4,
    }  # fmt: skip

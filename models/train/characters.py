"""Code points to tidy character classes: the first nodes of the graph.

The batched graph first spreads the messages, with two separators between them: one closes the word
before, one opens the word after, so that a message reads the same in a batch as alone.

Steps: clip -> fold -> drop -> shorten repeats -> join spaced-out letters.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx

from models.train.build import INT64, Builder, Value
from models.train.fold import CLASSES, DROP, LAST, LETTERS, SEPARATOR, fold_tables


def characters(g: Builder, codepoints: Value, lengths: Value | None) -> tuple[Value, Value | None]:
    """Build the nodes.

    Args:
        codepoints: int32 ``(n,)``, of any value; what is no code point is read as the nearest one.
        lengths: int64 ``(b,)`` of the batched graph; ``None`` makes the single one.

    Returns:
        Classes 0..62, int64 ``(m,)`` with at least two separators at either end, and each one's
        message number, int64 ``(m,)``, or ``None`` in the single graph.
    """
    pad = np.zeros(2, dtype=np.int64)
    if lengths is None:
        flat, message = g.cast(codepoints, np.int64), None
        flat = g.Concat(pad, flat, pad, axis=0)
    else:
        flat, message = spread(g, codepoints, lengths)
        flat = g.Concat(pad, flat, pad, axis=0)
        message = g.Concat(pad, message, pad, axis=0)
    return _tidy(g, _fold(g, flat), message)


def spread(g: Builder, codepoints: Value, lengths: Value) -> tuple[Value, Value]:
    """Lay messages one after another, each followed by two NULs.

    Args:
        codepoints: int32 ``(n,)``, all messages' code points without a gap.
        lengths: int64 ``(b,)``, code points of each message; they sum to n.

    Returns:
        Code points and each place's message number: int64 ``(n + 2 * b,)`` both.
    """
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


def _int64_zero() -> onnx.TensorProto:
    return onnx.helper.make_tensor("zero", INT64, [1], [0])


def _fold(g: Builder, flat: Value) -> Value:
    tables = fold_tables()
    clipped = g.Max(g.Min(flat, LAST), 0)
    block = g.cast(g.Gather(tables.blocks, g.Div(clipped, 256)), np.int64)
    place = g.Add(g.Mul(block, 256), g.Mod(clipped, 256))
    return g.cast(g.Gather(tables.classes, place), np.int64)


def shifted(g: Builder, values: Value, by: int) -> Value:
    """``values`` moved right (by > 0) or left, zeros coming in, same length."""
    zeros = np.zeros(abs(by), dtype=np.int64)
    if by > 0:
        return str(g.Slice(g.Concat(zeros, values, axis=0), [0], [-by]))
    return str(g.Slice(g.Concat(values, zeros, axis=0), [-by], [2**31]))


def _keep(g: Builder, keep: Value, c: Value, message: Value | None) -> tuple[Value, Value | None]:
    kept = g.Compress(c, keep, axis=0)
    return kept, None if message is None else g.Compress(message, keep, axis=0)


def _tidy(g: Builder, c: Value, message: Value | None) -> tuple[Value, Value | None]:
    """Drop what is dropped; shorten repeats; join single letters that are spaced out."""
    c, message = _keep(g, g.Not(g.Equal(c, DROP)), c, message)
    is_letter = np.zeros(CLASSES, dtype=bool)
    is_letter[list(LETTERS)] = True
    again = g.And(g.Equal(c, shifted(g, c, 1)), g.Equal(c, shifted(g, c, 2)))
    c, message = _keep(g, g.Not(g.And(again, g.Gather(is_letter, c))), c, message)
    part = g.Equal(g.Gather(kinds(), c), 1)
    as_int = g.cast(part, np.int64)
    before, after = shifted(g, as_int, 1), shifted(g, as_int, -1)
    single = g.cast(g.And(part, g.Equal(g.Add(before, after), 0)), np.int64)
    # A separator goes when it stands between two lone characters and a third lone character is
    # near on either side: "h e y" is joined, "i a" is not.
    left, right = shifted(g, single, 1), shifted(g, single, -1)
    near = g.Add(shifted(g, single, 3), shifted(g, single, -3))
    between = g.And(g.Equal(c, SEPARATOR), g.Equal(g.Add(left, right), 2))
    return _keep(g, g.Not(g.And(between, g.Greater(near, 0))), c, message)


def kinds() -> npt.NDArray[np.int64]:
    """Kind of each class, as `FoldTables.kind`: int64 ``(64,)``."""
    return fold_tables().kind.astype(np.int64)

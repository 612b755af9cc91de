"""The whole graph from trained weights: single and batched, one builder.

Inputs: ``codepoints`` int32 ``(n,)``, ``context`` float32 ``(32,)``, ``state`` float32 ``(57,)``.
Outputs: ``cues`` float32 ``(18,)`` and ``risk`` float32 ``(4,)``, both in 0..1, and ``next_state``
float32 ``(57,)``. The batched twin takes ``lengths`` int64 ``(b,)`` beside the code points of all
messages one after another, and has a leading ``b`` everywhere else.

A call costs what its nodes cost, nearly whatever they do: so what can be said by a matrix is said
by a matrix, and what is known beforehand is put into the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import onnx

from models.train.build import FLOAT, INT32, INT64, Builder, Value
from models.train.converse import Message, converse
from models.train.frontend import Words, front_end
from models.train.shape import CUES, EVIDENCE, EVIDENCE_CAP, GIST, RISKS, STATE
from models.train.tables import Lexicon

Weights: TypeAlias = Mapping[str, npt.NDArray[np.float32]]


def build_graph(
    lexicon: Lexicon,
    weights: Weights,
    scale: npt.NDArray[np.float32],
    shift: npt.NDArray[np.float32],
    *,
    batched: bool,
) -> onnx.ModelProto:
    """The model, checked by onnx.

    Args:
        lexicon: tables of the front end.
        weights: state dicts of `MessageNet` and `ConversationNet`, as arrays, in one mapping; large
            ones are stored in half precision.
        scale, shift: float32 ``(4,)``, calibration of the risk logits: ``scale * logit + shift``.
        batched: many messages in one call.
    """
    g = Builder()
    words = front_end(g, "codepoints", "lengths" if batched else None, lexicon)
    context = "context" if batched else g.Unsqueeze("context", [0])
    state = "state" if batched else g.Unsqueeze("state", [0])
    pooled = _pool(g, words, weights, lexicon)
    message = _message(g, pooled, context, weights)
    risk, next_state = converse(g, message, context, state, weights, scale, shift)
    for value, name in ((message.cues, "cues"), (risk, "risk"), (next_state, "next_state")):
        g.name(value if batched else g.Squeeze(value, [0]), name)
    lead: list[int | str] = ["b"] if batched else []
    inputs: dict[str, tuple[int, list[int | str]]] = {"codepoints": (INT32, ["n"])}
    if batched:
        inputs["lengths"] = (INT64, ["b"])
    inputs |= {"context": (FLOAT, [*lead, 32]), "state": (FLOAT, [*lead, STATE])}
    outputs: dict[str, tuple[int, list[int | str]]] = {
        "cues": (FLOAT, [*lead, CUES + 1]),
        "risk": (FLOAT, [*lead, RISKS]),
        "next_state": (FLOAT, [*lead, STATE]),
    }
    return g.model(inputs, outputs)


def _pool(g: Builder, words: Words, weights: Weights, lexicon: Lexicon) -> Value:
    """Convolutions over the words, their maximum and mean: float32 ``(b, 2 * filters)``.

    The empty row before the words of each message does what padding does at the ends. In the single
    graph it is taken for the padding itself, so that there is one output for each word, and one
    that has to be taken back for a message without words. In the batched one activations are never
    negative, so that a row set to 0 changes neither maximum nor sum.
    """
    x = g.Unsqueeze(g.Transpose(words.vectors, perm=[1, 0]), [0])
    matrix = weights["encoder.conv1.weight"]
    filters = len(matrix)
    first = np.zeros((filters, lexicon.width + 2, 3), dtype=np.float32)
    first[:, [*lexicon.columns, lexicon.known]] = matrix
    first = g.Conv(
        x, g.half(first), weights["encoder.conv1.bias"], pads=[0 if words.real is None else 1, 1]
    )
    first = g.Relu(first)
    mask = None if words.real is None else g.cast(words.real, np.float32)
    if mask is not None:
        first = g.Mul(first, mask)
    second = g.half(weights["encoder.conv2.weight"])
    second = g.Relu(g.Conv(first, second, weights["encoder.conv2.bias"], pads=[1, 1]))
    second = g.Add(second, first)
    if mask is not None:
        rows = g.Transpose(g.Squeeze(g.Mul(second, mask), [0]), perm=[1, 0])
        return _pool_each(g, rows, mask, words.message, filters)
    pools = (pool(second, [2], keepdims=0) for pool in (g.ReduceMax, g.ReduceMean))
    return str(g.Where(words.empty, 0.0, g.Concat(*pools, axis=1)))


def _pool_each(g: Builder, rows: Value, mask: Value, message: Value | None, filters: int) -> Value:
    """Maximum and mean over each message's rows."""
    messages = g.Shape("lengths")
    empty = g.ConstantOfShape(g.Concat(messages, [filters], axis=0))
    own = g.Unsqueeze(message, [1])
    highest = g.ScatterND(empty, own, rows, reduction="max")
    summed = g.ScatterND(empty, own, rows, reduction="add")
    counts = g.ScatterND(g.ConstantOfShape(messages), own, mask, reduction="add")
    mean = g.Div(summed, g.Unsqueeze(g.Max(counts, 1.0), [1]))
    return str(g.Concat(highest, mean, axis=1))


def _message(g: Builder, pooled: Value, context: Value, weights: Weights) -> Message:
    """The message level's outputs; "another language" has a twin with the sign turned, since what
    counts of a message is how far it is in a language that is read."""
    join = g.half(weights["encoder.join.weight"])
    vector = g.Relu(g.linear(pooled, join, weights["encoder.join.bias"]))
    teacher = g.half(weights["teacher.weight"][:GIST])
    gist = g.linear(pooled, teacher, weights["teacher.bias"][:GIST])
    around = g.Concat(vector, context, axis=1)
    hidden = g.Relu(g.linear(around, g.half(weights["cue1.weight"]), weights["cue1.bias"]))
    matrix, bias = weights["cue2.weight"], weights["cue2.bias"]
    last = slice(CUES, CUES + 1)
    parts = [slice(0, CUES + 1), slice(CUES + 1, None)]
    matrix = np.concatenate([matrix[parts[0]], -matrix[last], matrix[parts[1]]])
    bias = np.concatenate([bias[parts[0]], -bias[last], bias[parts[1]]])
    heads = g.linear(hidden, matrix, bias)
    logits, evidence = g.Split(heads, [CUES + 2, EVIDENCE], axis=1, outputs=2)
    cues, read = g.Split(g.Sigmoid(logits), [CUES + 1, 1], axis=1, outputs=2)
    return Message(cues, read, g.Clip(evidence, -EVIDENCE_CAP, EVIDENCE_CAP), gist)

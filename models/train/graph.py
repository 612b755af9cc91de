"""The whole graph from trained weights: single and batched, one builder.

Inputs: ``codepoints`` int32 ``(n,)``, ``context`` float32 ``(32,)``, ``state`` float32 ``(57,)``.
Outputs: ``cues`` float32 ``(18,)`` and ``risk`` float32 ``(4,)``, both in 0..1, and ``next_state``
float32 ``(57,)``. The batched twin takes ``lengths`` int64 ``(b,)`` beside the code points of all
messages one after another, and has a leading ``b`` everywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import onnx

from models.train.build import FLOAT, INT32, INT64, Builder, Value
from models.train.frontend import Lexicon, Words, front_end
from models.train.shape import (
    COUNT_STEP,
    CUES,
    DECAY_RECENT,
    DECAY_STRONGEST,
    EVIDENCE,
    EVIDENCE_CAP,
    GIST,
    HIDDEN,
    RISKS,
    STATE,
    SUM_CAP,
    SUM_DECAY,
)

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
        weights: state dicts of `MessageNet` and `ConversationNet`, as arrays, in one mapping.
        scale, shift: float32 ``(4,)``, calibration of the risk logits: ``scale * logit + shift``.
        batched: many messages in one call.
    """
    g = Builder()
    words = front_end(g, "codepoints", "lengths" if batched else None, lexicon)
    context = "context" if batched else g.Unsqueeze("context", [0])
    state = "state" if batched else g.Unsqueeze("state", [0])
    messages = g.Shape("lengths") if batched else None
    pooled = _pool(g, words, weights, messages)
    message = g.Relu(_linear(g, pooled, weights, "encoder.join"))
    cue_hidden = g.Relu(_linear(g, g.Concat(message, context, axis=1), weights, "cue1"))
    heads = _linear(g, cue_hidden, weights, "cue2")
    heads, evidence = g.Split(heads, [CUES + 1, EVIDENCE], axis=1, outputs=2)
    cues = g.Sigmoid(heads)
    gist = g.Gemm(
        pooled, weights["teacher.weight"][:GIST], weights["teacher.bias"][:GIST], transB=1
    )
    logits, next_state = _converse(g, gist, cues, evidence, context, state, weights)
    risk = g.Sigmoid(g.Add(g.Mul(logits, scale), shift))
    for value, name in ((cues, "cues"), (risk, "risk"), (next_state, "next_state")):
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


def _linear(g: Builder, value: Value, weights: Weights, name: str) -> Value:
    return str(g.Gemm(value, weights[f"{name}.weight"], weights[f"{name}.bias"], transB=1))


def _pool(g: Builder, words: Words, weights: Weights, messages: Value | None) -> Value:
    """Convolutions over the words, their maximum and mean: float32 ``(b, 2 * filters)``.

    A row of zeros parts the messages of a batch and closes the single one, as padding does at the
    ends. Activations are never negative, so a masked row changes neither maximum nor mean.
    """
    rows = g.Concat(words.vectors, words.known, axis=1)
    count = g.Shape(words.rows)
    if messages is None:
        width = int(weights["encoder.conv1.weight"].shape[1])
        laid = g.Concat(rows, np.zeros((1, width), dtype=np.float32), axis=0)
        ones = g.ConstantOfShape(count, value=_one())
        mask = g.Unsqueeze(g.Concat(ones, np.zeros(1, dtype=np.float32), axis=0), [0, 1])
    else:
        places = g.Unsqueeze(g.Add(g.Range(0, g.Squeeze(count), 1), words.message), [1])
        total = g.Add(count, messages)
        width = int(weights["encoder.conv1.weight"].shape[1])
        laid = g.ScatterND(g.ConstantOfShape(g.Concat(total, [width], axis=0)), places, rows)
        ones = g.ConstantOfShape(count, value=_one())
        mask = g.ScatterND(g.ConstantOfShape(total), places, ones)
        mask = g.Unsqueeze(mask, [0, 1])
    x = g.Unsqueeze(g.Transpose(laid, perm=[1, 0]), [0])
    first = g.Mul(g.Relu(_conv(g, x, weights, "encoder.conv1")), mask)
    second = g.Mul(g.Add(g.Relu(_conv(g, first, weights, "encoder.conv2")), first), mask)
    if messages is None:
        highest = g.ReduceMax(second, [2], keepdims=0)
        total_words = g.Max(g.cast(count, np.float32), 1.0)
        mean = g.Div(g.ReduceSum(second, [2], keepdims=0), total_words)
        return str(g.Concat(highest, mean, axis=1))
    filters = int(weights["encoder.conv2.weight"].shape[0])
    kept = g.Gather(g.Transpose(g.Squeeze(second, [0]), perm=[1, 0]), g.Squeeze(places, [1]))
    empty = g.ConstantOfShape(g.Concat(messages, [filters], axis=0))
    own = g.Unsqueeze(words.message, [1])
    highest = g.ScatterND(empty, own, kept, reduction="max")
    summed = g.ScatterND(empty, own, kept, reduction="add")
    counts = g.ScatterND(g.ConstantOfShape(messages), own, ones, reduction="add")
    mean = g.Div(summed, g.Unsqueeze(g.Max(counts, 1.0), [1]))
    return str(g.Concat(highest, mean, axis=1))


def _one() -> onnx.TensorProto:
    return onnx.helper.make_tensor("one", FLOAT, [1], [1.0])


def _conv(g: Builder, value: Value, weights: Weights, name: str) -> Value:
    return str(g.Conv(value, weights[f"{name}.weight"], weights[f"{name}.bias"], pads=[1, 1]))


def _converse(
    g: Builder,
    gist: Value,
    cues: Value,
    evidence: Value,
    context: Value,
    state: Value,
    weights: Weights,
) -> tuple[Value, Value]:
    """Risk logits ``(b, 4)`` and next state ``(b, 57)``; `ConversationNet.step`, node by node."""
    theirs = g.cast(g.Greater(g.Slice(context, [0], [1], [1]), 0.0), np.float32)
    own, other = g.Split(cues, [CUES, 1], axis=1, outputs=2)
    shown = g.Mul(own, g.Mul(theirs, g.Sub(1.0, other)))
    weighed = g.Mul(g.Clip(evidence, -EVIDENCE_CAP, EVIDENCE_CAP), g.Sub(1.0, other))
    strongest, recent, hidden, total, counts = g.Split(
        state, [CUES, CUES, HIDDEN, EVIDENCE, 2], axis=1, outputs=5
    )
    fade = g.Sub(1.0, g.Mul(theirs, 1.0 - DECAY_STRONGEST))
    strongest = g.Max(g.Mul(strongest, fade), shown)
    recent = g.Add(recent, g.Mul(g.Mul(theirs, 1.0 - DECAY_RECENT), g.Sub(shown, recent)))
    given = _linear(g, g.Concat(shown, weighed, gist, context, axis=1), weights, "gru_in")
    held = _linear(g, hidden, weights, "gru_hidden")
    given_gates, given_fresh = g.Split(given, [2 * HIDDEN, HIDDEN], axis=1, outputs=2)
    held_gates, held_fresh = g.Split(held, [2 * HIDDEN, HIDDEN], axis=1, outputs=2)
    gates = g.Sigmoid(g.Add(given_gates, held_gates))
    update, reset = g.Split(gates, [HIDDEN, HIDDEN], axis=1, outputs=2)
    fresh = g.Tanh(g.Add(given_fresh, g.Mul(reset, held_fresh)))
    hidden = g.Add(fresh, g.Mul(update, g.Sub(hidden, fresh)))
    gain = (np.exp(weights["gain"]) / SUM_CAP).astype(np.float32)
    added = g.Mul(g.Sub(weighed, weights["drift"]), gain)
    total = g.Clip(g.Add(g.Mul(total, SUM_DECAY), added), 0.0, 1.0)
    who = g.Concat(theirs, g.Sub(1.0, theirs), axis=1)
    counts = g.Add(counts, g.Mul(g.Mul(who, COUNT_STEP), g.Sub(1.0, counts)))
    next_state = g.Concat(strongest, recent, hidden, total, counts, axis=1)
    features = g.Concat(shown, weighed, next_state, context, gist, axis=1)
    logits = _linear(g, g.Relu(_linear(g, features, weights, "risk1")), weights, "risk2")
    return logits, next_state

"""The conversation level in the graph: `models.train.net.ConversationNet.step` in few nodes.

The fixed memory is one line for all of the state: ``next = min(max(state * keep + add, floor), 1)``
where ``keep``, ``add`` and ``floor`` are a matrix times what the message shows (`_fixed`):

=========  ===============  ===================  =======
           keep             add                  floor
=========  ===============  ===================  =======
strongest  1 - 0.005 who    0                    shown
recent     1 - 0.15 who     0.15 shown           0
sum        0.98             gain * (weighed -    0
                            drift)
counts     1 - 0.05 who     0.05 who             0
=========  ===============  ===================  =======

where ``who`` is 1 for the contact's message, else 0; the user's count goes the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.train.build import Builder, Value
from models.train.shape import (
    CONTEXT,
    COUNT_STEP,
    CUES,
    DECAY_RECENT,
    DECAY_STRONGEST,
    EVIDENCE,
    GIST,
    HIDDEN,
    STATE,
    SUM_CAP,
    SUM_DECAY,
)

Floats = npt.NDArray[np.float32]

STEEP: Final = 1e30  # slope that makes a step of a hard sigmoid

# What a message shows, side by side; "another language" stays among the cues, with no weight.
SHOWN: Final = slice(0, CUES)
WEIGHED: Final = slice(CUES + 1, CUES + 1 + EVIDENCE)
WHO: Final = CUES + 1 + EVIDENCE
SEEN: Final = WHO + 1

STRONGEST: Final = slice(0, CUES)
RECENT: Final = slice(CUES, 2 * CUES)
LEARNED: Final = slice(2 * CUES, 2 * CUES + HIDDEN)
SUM: Final = slice(LEARNED.stop, LEARNED.stop + EVIDENCE)
THEIRS, OWN = STATE - 2, STATE - 1


@dataclass(frozen=True, slots=True)
class Message:
    """Names of the message level's outputs.

    ``cues`` ``(b, 18)``, probabilities; ``read`` ``(b, 1)``, that it is in a language that is read;
    ``evidence`` ``(b, 5)``, clipped; ``gist`` ``(b, 24)``.
    """

    cues: Value
    read: Value
    evidence: Value
    gist: Value


def converse(
    g: Builder,
    message: Message,
    context: Value,
    state: Value,
    weights: Mapping[str, Floats],
    scale: Floats,
    shift: Floats,
) -> tuple[Value, Value]:
    """Build the nodes.

    Args:
        message: the message level's outputs.
        context: ``(b, 32)``.
        state: ``(b, 57)``.
        weights: state dict of `ConversationNet`.
        scale, shift: ``(4,)``, calibration of the risk logits.

    Returns:
        Risk ``(b, 4)``, in 0..1, and next state ``(b, 57)``.
    """
    who = g.HardSigmoid(g.Slice(context, [0], [1], [1]), alpha=STEEP, beta=0.0)
    shown = g.Mul(message.cues, g.Mul(who, message.read))
    weighed = g.Mul(message.evidence, message.read)
    seen = g.Concat(shown, weighed, who, axis=1)
    fixed = _fixed(g, seen, state, weights)
    given = g.Concat(seen, message.gist, context, axis=1)
    learned = _learned(g, given, g.Slice(state, [LEARNED.start], [LEARNED.stop], [1]), weights)
    sizes = [LEARNED.start, HIDDEN, STATE - LEARNED.stop]
    before, _, after = g.Split(fixed, sizes, axis=1, outputs=3)
    next_state = g.Concat(before, learned, after, axis=1)
    first, bias = weights["risk1.weight"], weights["risk1.bias"]
    at = np.cumsum([CUES, EVIDENCE, STATE, CONTEXT])
    cues, evidence, memory, around, gist = np.split(first, at, axis=1)
    first = np.concatenate([_of_seen(cues, evidence), gist, around, memory], axis=1)
    hidden = g.Relu(g.linear(g.Concat(given, next_state, axis=1), first, bias))
    second = weights["risk2.weight"] * scale[:, None]
    logits = g.linear(hidden, second, weights["risk2.bias"] * scale + shift)
    return g.Sigmoid(logits), next_state


def _of_seen(cues: Floats, evidence: Floats) -> Floats:
    """Weights of what a message shows, from those of the cues and of the evidence."""
    none = np.zeros((len(cues), 1), dtype=np.float32)
    return np.concatenate([cues, none, evidence, none], axis=1)


def _fixed(g: Builder, seen: Value, state: Value, weights: Mapping[str, Floats]) -> Value:
    """The fixed memory ``(b, 57)``; where the learned one stands, nothing of use."""
    keep, add, floor = (np.zeros((STATE, SEEN), dtype=np.float32) for _ in range(3))
    bias = np.zeros((3, STATE), dtype=np.float32)
    bias[0] = 1.0
    keep[STRONGEST, WHO] = DECAY_STRONGEST - 1.0
    floor[STRONGEST, SHOWN] = np.eye(CUES)
    keep[RECENT, WHO] = DECAY_RECENT - 1.0
    add[RECENT, SHOWN] = (1.0 - DECAY_RECENT) * np.eye(CUES)
    gain = np.exp(weights["gain"]) / SUM_CAP
    bias[0, SUM] = SUM_DECAY
    add[SUM, WEIGHED] = np.diag(gain)
    bias[1, SUM] = -gain * weights["drift"]
    keep[THEIRS, WHO], add[THEIRS, WHO] = -COUNT_STEP, COUNT_STEP
    bias[0, OWN], bias[1, OWN] = 1.0 - COUNT_STEP, COUNT_STEP
    keep[OWN, WHO], add[OWN, WHO] = COUNT_STEP, -COUNT_STEP
    lines = g.linear(seen, np.concatenate([keep, add, floor]), bias.reshape(-1))
    kept, added, least = g.Split(lines, [STATE] * 3, axis=1, outputs=3)
    moved = g.Max(g.Add(g.Mul(state, kept), added), least)
    return str(g.Min(moved, 1.0))


def _learned(g: Builder, given: Value, hidden: Value, weights: Mapping[str, Floats]) -> Value:
    """The learned memory ``(b, 16)``: a gated recurrent unit, of one step."""
    own = weights["gru_in.weight"]
    cues, evidence, gist, around = np.split(own, np.cumsum([CUES, EVIDENCE, GIST]), axis=1)
    own = np.concatenate([_of_seen(cues, evidence), gist, around], axis=1)
    bias = np.concatenate([weights["gru_in.bias"], weights["gru_hidden.bias"]])
    tables = own[None], weights["gru_hidden.weight"][None], bias[None]
    first = g.Unsqueeze(hidden, [0])
    sizes: dict[str, int] = {"hidden_size": HIDDEN, "linear_before_reset": 1}
    _, last = g.GRU(g.Unsqueeze(given, [0]), *tables, "", first, outputs=2, **sizes)
    return str(g.Squeeze(last, [0]))

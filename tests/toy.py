"""A model that a test can steer: a letter in a message shows a cue, and nothing else does.

======  ===========================================================================================
letter  what it does
======  ===========================================================================================
AIHSO   age_probe, personal_info_probe, alone_probe, secrecy, isolation
FGVPM   flattery_bond, gift_offer, platform_move, image_request, meet_request
XTUY    adult_content, threat, pressure, age_gap
123     safety_advice, refusal_respected, adult_oversight
Z       another language
``!``   raises every risk and shows no cue
``%``   a "probability" above 1
``#``   the graph fails
======  ===========================================================================================

Each letter adds evidence to one risk; evidence fades by a tenth with every message. One letter
brings a risk to 0.78 (gentle from 0.5), two in a row to over 0.9 (strong). What the young person
writes adds none. The state also sums up code points, context and own messages, so that nothing
can be left out of a replay unnoticed.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import onnx
import onnx.parser
from onnx import numpy_helper

from nudge_sdk.engine import ModelSpec
from nudge_sdk.policy import Thresholds
from nudge_sdk.values import CUES, RISKS

LETTERS: Final = "AIHSOFGVPMXTUY123Z!%#"
STATE: Final = 8
CAP, OVERLAP, WINDOWS = 64, 16, 8
GENTLE, STRONG, HOLDS, FOREIGN = 0.5, 0.9, 0.5, 0.5

_RISK_OF: Final = {"X": 1, "T": 2, "U": 2, "G": 3, "V": 3}  # all others: grooming

_SINGLE: Final = """
<ir_version: 8, opset_import: ["": 18]>
toy (int32[n] codepoints, float[32] context, float[8] state)
 => (float[18] cues, float[4] risk, float[8] next_state) {
  column = Unsqueeze(codepoints, one)
  equal = Equal(column, letters)
  hits = Cast<to=1>(equal)
  rows = Concat<axis=0>(hits, none)
  found = ReduceMax<keepdims=0>(rows, zero)
  floats = Cast<to=1>(codepoints)
  sum = ReduceSum<keepdims=1>(floats)
"""
_BATCHED: Final = """
<ir_version: 8, opset_import: ["": 18]>
toys (int32[n] codepoints, int64[b] lengths, float[b, 32] context, float[b, 8] state)
 => (float[b, 18] cues, float[b, 4] risk, float[b, 8] next_state) {
  column = Unsqueeze(codepoints, one)
  equal = Equal(column, letters)
  hits = Cast<to=1>(equal)
  ends = CumSum(lengths, zero_scalar)
  starts = Sub(ends, lengths)
  ends_column = Unsqueeze(ends, one)
  starts_column = Unsqueeze(starts, one)
  count = Shape(codepoints)
  count_scalar = Squeeze(count)
  positions = Range(zero_scalar, count_scalar, one_scalar)
  from_start = GreaterOrEqual(positions, starts_column)
  before_end = Less(positions, ends_column)
  inside = And(from_start, before_end)
  mask = Cast<to=1>(inside)
  counted = MatMul(mask, hits)
  any_found = Greater(counted, low)
  found = Cast<to=1>(any_found)
  floats = Cast<to=1>(column)
  sum = MatMul(mask, floats)
"""
# ``found``: which letters occur; ``sum``: of the code points. LAST is the last axis, 0 or 1.
_REST: Final = """
  who = Gather<axis=LAST>(context, zero)
  said = Max(who, low)
  said_by = Mul(found, said)
  gain = MatMul(said_by, weights)
  own = Sub(high, said)
  own_part = Mul(own, own_weights)
  sum_part = Mul(sum, sum_weights)
  facts = ReduceSum<keepdims=1>(context, last)
  facts_part = Mul(facts, facts_weights)
  broken = Gather<axis=LAST>(found, hash_at)
  broken_at = Cast<to=7>(broken)
  crash = Gather<axis=0>(low, broken_at)
  kept = Mul(state, fade)
  grown = Sum(kept, gain, own_part, sum_part, facts_part, crash)
  next_state = Max(grown, low)
  evidence = Slice(next_state, zero, four, last)
  steep = Mul(evidence, slope)
  decayed = Exp(steep)
  likely = Sub(high, decayed)
  above = Gather<axis=LAST>(found, percent_at)
  above_one = Add(above, above)
  risk = Add(likely, above_one)
  cue_part = Slice(found, zero, eighteen, last)
  scaled = Mul(cue_part, span)
  cues = Add(scaled, base)
}
"""


def _constants() -> dict[str, Any]:
    weights = np.zeros((len(LETTERS), STATE), dtype=np.float32)
    for i, letter in enumerate(LETTERS[:14]):
        weights[i, _RISK_OF.get(letter, 0)] = 1.0
    weights[14:17, :4] = -0.5
    weights[LETTERS.index("!"), :4] = 1.0
    unit = np.eye(STATE, dtype=np.float32)
    return {
        "letters": np.array([[ord(letter) for letter in LETTERS]], dtype=np.int32),
        "weights": weights,
        "own_weights": unit[6],
        "sum_weights": unit[4] / np.float32(1e5),
        "facts_weights": unit[5] / np.float32(10),
        "none": np.zeros((1, len(LETTERS)), dtype=np.float32),
        "fade": np.float32(0.9),
        "slope": np.float32(-1.5),
        "span": np.float32(0.96),
        "base": np.float32(0.02),
        "low": np.zeros(1, dtype=np.float32),
        "high": np.ones(1, dtype=np.float32),
        "zero": np.array([0], dtype=np.int64),
        "one": np.array([1], dtype=np.int64),
        "four": np.array([4], dtype=np.int64),
        "eighteen": np.array([18], dtype=np.int64),
        "zero_scalar": np.array(0, dtype=np.int64),
        "one_scalar": np.array(1, dtype=np.int64),
        "hash_at": np.array([LETTERS.index("#")], dtype=np.int64),
        "percent_at": np.array([LETTERS.index("%")], dtype=np.int64),
    }


def _built(front: str, last: int) -> bytes:
    model = onnx.parser.parse_model(front + _REST.replace("LAST", str(last)))
    used = {name for node in model.graph.node for name in node.input}
    for name, value in {**_constants(), "last": np.array([last], dtype=np.int64)}.items():
        if name in used:
            model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


@cache
def single_model() -> bytes:
    """Bytes of the single graph."""
    return _built(_SINGLE, 0)


@cache
def batched_model() -> bytes:
    """Bytes of the batched graph."""
    return _built(_BATCHED, 1)


THRESHOLDS: Final = Thresholds(
    cue=(HOLDS,) * len(CUES),
    gentle=(GENTLE,) * len(RISKS),
    strong=(STRONG,) * len(RISKS),
    other_language=FOREIGN,
)

SPEC: Final = ModelSpec(
    model_id=b"toymodel",
    state_size=STATE,
    cap=CAP,
    overlap=OVERLAP,
    windows=WINDOWS,
    thresholds=THRESHOLDS,
)


def config() -> dict[str, Any]:
    """What stands in the toy bundle's ``config.json``; a fresh copy that a test may damage."""
    return {
        "schema": 1,
        "name": "toy",
        "state_size": STATE,
        "cap": CAP,
        "overlap": OVERLAP,
        "windows": WINDOWS,
        "cues": [*CUES, "other_language"],
        "risks": list(RISKS),
        "thresholds": {
            "cue": dict.fromkeys(CUES, HOLDS),
            "gentle": dict.fromkeys(RISKS, GENTLE),
            "strong": dict.fromkeys(RISKS, STRONG),
            "other_language": FOREIGN,
        },
        "training": {"seed": 7, "anything": [1, {"goes": None}]},
    }

"""The graph's form, its edges, and that its twin can be written without the tables."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from nudge_harness.twin import join_twin

from models.train.build import FLOAT, IR_VERSION, OPSET, Builder
from models.train.export import SHARED, strip_shared
from models.train.shape import CUES, HIDDEN, RISKS, STATE
from nudge_sdk import values
from nudge_sdk._codepoints import codepoints_of
from nudge_sdk._context import SIZE
from nudge_sdk.state import MAX_GRAPH_STATE
from tests.unit.train.little import alone, graph, opened, surroundings, together

OPERATORS = {
    "Add", "BitShift", "BitwiseAnd", "Cast", "Clip", "Compress", "Concat", "ConstantOfShape",
    "Conv", "CumSum", "DequantizeLinear", "Div", "Equal", "Expand", "GRU", "Gather", "Gemm",
    "Greater", "HardSigmoid", "Identity", "Less", "Max", "Min", "Mod", "Mul", "Or", "Range",
    "ReduceMax", "ReduceMean", "ReduceProd", "ReduceSum", "Relu", "Reshape", "ScatterElements",
    "ScatterND", "Shape", "Sigmoid", "Size", "Slice", "Split", "Squeeze", "Sub", "Tanh",
    "Transpose", "Unsqueeze", "Where",
}  # fmt: skip
"""What the graph may be made of. All of it ran in Python, Node and the browser's WebAssembly with
these weights; a new operator has to be tried there first."""

TEXTS = [
    "", " ", "\0", "\u200b\u200b", "?", "can you keep a secret", "s e c r e t", "hey\nyou 😂😂",
    "\ud800\udfff", "你好吗", "Привет мама", "a" * 5_000, "😂" * 700, "don't tell mum!! " * 40,
]  # fmt: skip


def points_of(texts: list[str]) -> list[np.ndarray[tuple[int], np.dtype[np.int32]]]:
    return [codepoints_of(text) for text in texts]


@pytest.mark.parametrize("batched", [False, True])
def test_it_is_what_the_browser_and_node_load(batched: bool) -> None:
    model = graph(batched=batched)
    assert model.ir_version == IR_VERSION == 8
    assert [(item.domain, item.version) for item in model.opset_import] == [("", OPSET)]
    assert OPSET == 18
    assert {node.op_type for node in model.graph.node} <= OPERATORS
    onnx.checker.check_model(model, full_check=True)


def test_a_call_stays_cheap() -> None:
    """A call costs what its nodes cost, so whoever adds some has to raise this number."""
    assert len(graph(batched=False).graph.node) <= 132


@pytest.mark.parametrize("batched", [False, True])
def test_its_ports_are_the_ones_of_the_sdk(batched: bool) -> None:
    lead = ["b"] if batched else []
    ports = {
        port.name: [size.dim_param or size.dim_value for size in port.type.tensor_type.shape.dim]
        for port in (*graph(batched=batched).graph.input, *graph(batched=batched).graph.output)
    }
    assert ports == {
        "codepoints": ["n"],
        **({"lengths": ["b"]} if batched else {}),
        "context": [*lead, SIZE],
        "state": [*lead, STATE],
        "cues": [*lead, len(values.CUES) + 1],
        "risk": [*lead, len(values.RISKS)],
        "next_state": [*lead, STATE],
    }
    assert (len(values.CUES), len(values.RISKS)) == (CUES, RISKS)
    assert STATE <= MAX_GRAPH_STATE


@pytest.mark.parametrize("n", [0, 1, 2, 3, 20, 512, 5_000])
def test_every_length_runs_and_stays_in_range(n: int) -> None:
    rng = np.random.default_rng(n)
    texts = ["e" * n, "".join(rng.choice(list("hey you?? 13"), n)), "😂" * n, "\0" * n]
    context, state = surroundings(len(texts), n)
    found = alone(points_of(texts), context, state)
    assert found.finite()
    for probabilities in (found.cues, found.risk):
        assert probabilities.min() >= 0.0 and probabilities.max() <= 1.0
    learned = found.next_state[:, 2 * CUES : 2 * CUES + HIDDEN]
    fixed = np.delete(found.next_state, np.s_[2 * CUES : 2 * CUES + HIDDEN], axis=1)
    assert np.abs(learned).max() <= 1.0
    assert fixed.min() >= 0.0 and fixed.max() <= 1.0


def test_a_batch_says_what_the_single_graph_says() -> None:
    context, state = surroundings(len(TEXTS), 1)
    points = points_of(TEXTS)
    assert together(points, context, state).distance(alone(points, context, state)) < 1e-5


def test_neighbours_in_a_batch_change_nothing() -> None:
    context, state = surroundings(len(TEXTS), 2)
    points = points_of(TEXTS)
    whole = together(points, context, state)
    for i in range(len(TEXTS)):
        own = slice(i, i + 1)
        found = together(points[own], context[own], state[own])
        assert np.abs(found.cues - whole.cues[own]).max() < 1e-6
        assert np.abs(found.risk - whole.risk[own]).max() < 1e-6
        assert np.abs(found.next_state - whole.next_state[own]).max() < 1e-6


@pytest.mark.parametrize(
    "hostile",
    [
        [-1],
        [-(2**31), 2**31 - 1],
        [0x110000, 0xD800, 0xDFFF, 0x10FFFF],
        [104, -5, 105, 2**31 - 1, 33],
        [-256, -255, -1, 0x110000 + 256],
    ],
)
def test_ints_that_are_no_code_points_are_read_as_the_nearest(hostile: list[int]) -> None:
    context, state = surroundings(1, 3)
    points = [np.asarray(hostile, dtype=np.int32)]
    nearest = [np.clip(points[0], 0, 0x10FFFF)]
    found = alone(points, context, state)
    assert found.finite()
    assert found.distance(alone(nearest, context, state)) == 0.0
    assert together(points, context, state).distance(found) < 1e-5


def test_the_user_own_messages_show_no_cue() -> None:
    """Only what the contact writes counts towards the fixed memory; both are counted."""
    context, state = surroundings(2, 4)
    context[0, 0], context[1, 0] = 1.0, -1.0
    state[:] = 0.0
    found = alone(points_of(["keep a secret"] * 2), context, state)
    assert found.next_state[0, :CUES].max() > 0.0
    assert not found.next_state[1, : 2 * CUES].any()
    assert found.next_state[0, -2:].tolist() == pytest.approx([0.05, 0.0])
    assert found.next_state[1, -2:].tolist() == pytest.approx([0.0, 0.05])


def test_a_message_in_another_language_shows_little_and_weighs_little() -> None:
    context, state = surroundings(1, 8)
    context[0, 0], state[:] = 1.0, 0.0
    found = alone(points_of(["keep a secret"]), context, state)
    read = 1.0 - found.cues[0, CUES]
    assert found.next_state[0, :CUES] == pytest.approx(found.cues[0, :CUES] * read, abs=1e-6)


def test_a_table_that_only_the_twin_holds_stays_with_it() -> None:
    made = []
    for table in (np.arange(900, dtype=np.float32), np.ones(900, dtype=np.float32)):
        g = Builder()
        g.name(g.Add("x", table), "y")
        made.append(g.model({"x": (FLOAT, [1])}, {"y": (FLOAT, [900])}))
    single, twin = made
    assert len(strip_shared(twin, single).graph.initializer) == 1
    assert len(strip_shared(single, single).graph.initializer) == 0


def test_the_twin_is_written_without_the_tables_and_put_together_again() -> None:
    single, twin = graph(batched=False), graph(batched=True)
    stripped = strip_shared(twin, single)
    kept = {item.name for item in stripped.graph.initializer}
    held = {item.name for item in single.graph.initializer}
    assert all(
        item.ByteSize() < SHARED or item.name not in held for item in stripped.graph.initializer
    )
    assert len(kept) < len(twin.graph.initializer)
    assert stripped.ByteSize() < twin.ByteSize() / 2
    whole = join_twin(stripped.SerializeToString(), single.SerializeToString())
    context, state = surroundings(len(TEXTS), 5)
    points = points_of(TEXTS)
    again = together(points, context, state, opened(whole))
    assert again.distance(together(points, context, state)) == 0.0


def test_building_twice_gives_the_same_bytes() -> None:
    for batched in (False, True):
        made = graph.__wrapped__(batched=batched)
        assert made.SerializeToString(deterministic=True) == graph(
            batched=batched
        ).SerializeToString(deterministic=True)

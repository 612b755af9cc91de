"""Large tables stay in the model's bytes: which ones, that nothing else changes, and that it helps.

Models are written in ONNX's text form; `onnx` itself reads what comes out.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnx.parser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import numpy_helper

from nudge_sdk._tables import LEAST, split_tables
from nudge_sdk.bundle import MODEL, load_bundle, shipped_directory
from tests import toy

ROWS = LEAST // 4  # of 8 values: twice as much as is needed
GRAPH = """
<ir_version: 8, opset_import: ["": 18]>
g (int32[n] codepoints, float[1] other) => (float[n, 8] found, float[1] same)
<float[8] small = {0, 0, 0, 0, 0, 0, 0, 0}> {
  rows = Gather(table, codepoints)
  floats = Cast<to=1>(rows)
  found = Add(floats, small)
  same = Identity(other)
}
"""


def model(graph: str = GRAPH, dtype: str = "i1", rows: int = ROWS) -> onnx.ModelProto:
    made = onnx.parser.parse_model(graph)
    table = np.arange(rows * 8).astype(dtype).reshape(rows, 8)
    made.graph.initializer.append(numpy_helper.from_array(table, "table"))
    return made


@pytest.mark.parametrize("dtype", ["i1", "u1", "<f4", "<i4", "<i8"])
def test_a_table_that_is_only_looked_up_becomes_an_input(dtype: str) -> None:
    whole = model(dtype=dtype)
    raw = whole.SerializeToString()
    slim, tables = split_tables(raw)
    (table,) = tables.values()
    np.testing.assert_array_equal(table, numpy_helper.to_array(whole.graph.initializer[-1]))
    assert table.flags.aligned
    assert len(slim) < 1_000
    read = onnx.load_from_string(slim)
    onnx.checker.check_model(read)
    assert [item.name for item in read.graph.initializer] == ["small"]
    assert sorted(item.name for item in read.graph.input) == ["codepoints", "other", "table"]
    assert read.graph.node == whole.graph.node
    assert read.graph.output == whole.graph.output


def test_bytes_are_not_copied() -> None:
    raw = model().SerializeToString()
    (table,) = split_tables(raw)[1].values()
    assert np.shares_memory(table, np.frombuffer(raw, dtype=np.uint8))


OTHERWISE = {
    "a sum needs it": GRAPH.replace("Cast<to=1>(rows)", "Add(rows, table)"),
    "it is an index": GRAPH.replace("Gather(table, codepoints)", "Gather(small, table)"),
    "it is an output": GRAPH.replace("float[1] same)", f"float[1] same, int8[{ROWS}, 8] table)"),
    "another input has its name": GRAPH.replace(
        "float[1] other)", f"float[1] other, int8[{ROWS}, 8] table)"
    ),
    "a graph within the graph": GRAPH.replace(
        "same = Identity(other)",
        "yes = Cast<to=9>(other)\n same = If (yes) <then_branch = a () => (float[1] x)"
        "{ x = Identity(other) }, else_branch = b () => (float[1] y) { y = Identity(other) }>",
    ),
}


@pytest.mark.parametrize("why", OTHERWISE)
def test_any_other_use_leaves_it_where_it_is(why: str) -> None:
    raw = model(OTHERWISE[why]).SerializeToString()
    slim, tables = split_tables(raw)
    assert tables == {}
    assert onnx.load_from_string(slim) == onnx.load_from_string(raw)


def test_a_small_table_stays() -> None:
    assert split_tables(model(rows=LEAST // 8 - 1).SerializeToString())[1] == {}
    assert len(split_tables(model(rows=LEAST // 8 + 8).SerializeToString())[1]) == 1


def test_bytes_of_another_form_stay_as_they_are() -> None:
    typed = model()
    del typed.graph.initializer[-1]
    values = onnx.helper.make_tensor("table", onnx.TensorProto.INT8, (ROWS, 8), [1] * (ROWS * 8))
    typed.graph.initializer.append(values)  # in a list of numbers, not raw
    assert split_tables(typed.SerializeToString())[1] == {}


@given(st.binary(max_size=64), st.integers(0, 2_000))
def test_what_is_no_model_is_handed_on(noise: bytes, cut: int) -> None:
    for raw in (noise, toy.single_model()[:cut]):
        slim, tables = split_tables(raw)
        assert tables == {}
        assert slim == raw or onnx.load_from_string(slim) is not None


def test_the_shipped_graph_keeps_nearly_all_of_its_bytes_out_of_onnxruntime() -> None:
    raw = load_bundle(shipped_directory()).files[MODEL]
    slim, tables = split_tables(raw)
    assert sum(table.nbytes for table in tables.values()) > 0.5 * len(raw)
    assert len(slim) + sum(table.nbytes for table in tables.values()) < 1.01 * len(raw)

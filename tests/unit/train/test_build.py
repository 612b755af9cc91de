"""The builder: constants are stored once, under a name that their content gives."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from models.train.build import FLOAT, INT64, Builder
from tests.unit.train.little import opened


def test_python_numbers_become_int64_and_float32() -> None:
    g = Builder()
    g.name(g.Mul(g.cast(g.Add("x", 2), np.float32), 0.5), "y")
    model = g.model({"x": (INT64, ["n"])}, {"y": (FLOAT, ["n"])})
    (half,) = opened(model.SerializeToString()).run(None, {"x": np.array([1, 4], dtype=np.int64)})
    assert half.dtype == np.float32 and half.tolist() == [1.5, 3.0]
    kinds = {item.data_type for item in model.graph.initializer}
    assert kinds == {INT64, FLOAT}


def test_equal_constants_are_stored_once_and_named_by_content() -> None:
    one, two = Builder(), Builder()
    table = np.arange(6, dtype=np.int8).reshape(2, 3)
    names = {one.constant(table), one.constant(table.copy()), two.constant(table)}
    assert len(names) == 1
    others = [one.constant(item) for item in (table.T, table.astype(np.int16), 1, 1.0, [1])]
    assert len(names.union(others)) == 6


def test_a_node_may_have_several_outputs_and_attributes() -> None:
    g = Builder()
    first, second = g.Split("x", [1, 2], axis=0, outputs=2)
    g.name(first, "a")
    g.name(second, "b")
    model = g.model({"x": (INT64, [3])}, {"a": (INT64, [1]), "b": (INT64, [2])})
    found = opened(model.SerializeToString()).run(None, {"x": np.arange(3, dtype=np.int64)})
    assert [item.tolist() for item in found] == [[0], [1, 2]]


def test_what_is_no_operator_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="reshape"):
        Builder().reshape  # noqa: B018  the look-up is the test


def test_a_graph_that_uses_what_nobody_makes_is_refused() -> None:
    g = Builder()
    g.name(g.Add("x", "y"), "z")
    with pytest.raises(onnx.checker.ValidationError):
        g.model({"x": (INT64, ["n"])}, {"z": (INT64, ["n"])})

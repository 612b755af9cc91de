"""Sums over a character's neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from models.train.build import FLOAT, INT64, Builder
from models.train.local import local_sums
from tests.unit.train.little import opened


def sums(classes: list[int]) -> list[list[float]]:
    """Of "is it 7" and "its number", by hand and by the graph."""
    g = Builder()
    numbers = np.arange(64)
    features = {"seven": numbers == 7, "number": numbers}
    wanted = [{("seven", -1): 1, ("number", 2): -100}, {("", 0): 5, ("number", 0): 2**17}]
    g.name(local_sums(g, "c", features, wanted), "y")
    model = g.model({"c": (INT64, ["m"])}, {"y": (FLOAT, [1, 2, "m"])})
    (found,) = opened(model.SerializeToString()).run(None, {"c": np.asarray(classes)})
    assert found.shape == (1, 2, len(classes))
    return [row.tolist() for row in found[0]]


@pytest.mark.parametrize("classes", [[0], [7], [7, 7, 1], [1, 2, 7, 63, 7, 0], list(range(64))])
def test_they_are_exact_and_zero_stands_outside(classes: list[int]) -> None:
    padded = [0, *classes, 0, 0]
    one = [float(padded[i] == 7 and i > 0) - 100.0 * padded[i + 3] for i in range(len(classes))]
    assert sums(classes) == [one, [5.0 + 2**17 * c for c in classes]]

"""What a character's neighbours are, for all characters at once: one look-up, one convolution.

Most of what the front end asks of a character is a sum over the characters around it: "is it a
letter after a separator", "which three letters stand here". So each class has a few numbers
(`features`), a convolution adds them up with whole-number weights, and what stands outside of the
text is zero. All of it is exact in float32, since every sum stays below 2^24.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.train.build import Builder, Value

Features: TypeAlias = Mapping[str, npt.NDArray[np.generic]]
"""By name: a number for each class, ``(64,)``."""

Sum: TypeAlias = Mapping[tuple[str, int], float]
"""Weight of a feature of the character so many places to the right; ``("", 0)`` is a constant."""


def local_sums(g: Builder, c: Value, features: Features, sums: Sequence[Sum]) -> Value:
    """Build the two nodes.

    Args:
        c: classes, ``(m,)``.
        features: of a class.
        sums: what to add up.

    Returns:
        float32 ``(1, len(sums), m)``.
    """
    names = list(features)
    table = np.stack([np.asarray(features[name], dtype=np.float32) for name in names])[None]
    reach = max(abs(at) for each in sums for _, at in each)
    weights = np.zeros((len(sums), len(names), 2 * reach + 1), dtype=np.float32)
    bias = np.zeros(len(sums), dtype=np.float32)
    for i, each in enumerate(sums):
        for (name, at), weight in each.items():
            if name:
                weights[i, names.index(name), reach + at] = weight
            else:
                bias[i] = weight
    return str(g.Conv(g.Gather(table, c, axis=2), weights, bias, pads=[reach, reach]))

"""Conversations by seed, one at a time.

Conversation ``i`` depends on (seed, side, i) and the material alone, so any part of a stream can be
made anywhere, by any number of workers. Families are drawn evenly within a label, and labels evenly
among the risks, by an additive recurrence (the plastic-number sequence R2; Roberts 2018, "The
unreasonable effectiveness of quasirandom sequences"): it covers labels and families evenly at every
length, without a list to shuffle.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

import numpy as np

from nudge_harness.errors import UsageError
from nudge_harness.formats import Conversation
from nudge_harness.generate.render import USUAL, Options, render
from nudge_harness.generate.scripts import Script
from nudge_harness.generate.split import SPLITS, Split, SplitName, shipped
from nudge_sdk.values import RISKS

BENIGN_SHARE = 0.5
_PLASTIC = 1.324717957244746  # the real root of x**3 = x + 1
_STEPS = (1 / _PLASTIC, 1 / _PLASTIC**2)


def generate(
    split: SplitName,
    seed: int,
    *,
    n: int | None = None,
    start: int = 0,
    benign_share: float = BENIGN_SHARE,
    options: Options = USUAL,
    material: Split | None = None,
) -> Iterator[Conversation]:
    """Stream conversations ``start``, ``start + 1``, ... of one side, in constant memory.

    Args:
        split: ``train`` or ``test``.
        seed: at least 0.
        n: how many; ``None`` for an endless stream.
        benign_share: share of benign conversations, 0..1.
        options: see `Options`.
        material: another folder's material (`read_split`) in place of the shipped one.

    Raises:
        UsageError: an argument is out of range, or a label is asked for that has no family.
        ScriptError: the material is malformed.
    """
    if split not in SPLITS:
        raise UsageError(f"split must be one of {', '.join(SPLITS)}")
    if seed < 0 or start < 0 or (n is not None and n < 0):
        raise UsageError("seed, start and n must be at least 0")
    if not 0 <= benign_share <= 1:
        raise UsageError("benign_share must be from 0 to 1")
    side = shipped(split) if material is None else material
    draw = _Draw(side, split, seed, benign_share)
    numbers = count(start) if n is None else range(start, start + n)
    return (draw.conversation(i, options) for i in numbers)


class _Draw:
    """Which family conversation ``i`` comes from, and its own random stream."""

    def __init__(self, side: Split, split: SplitName, seed: int, benign_share: float) -> None:
        self._side, self._split, self._seed, self._benign = side, split, seed, benign_share
        self._benigns = [script for script in side.scripts if script.label == "benign"]
        risky = [[s for s in side.scripts if s.label == risk] for risk in RISKS]
        self._risky = [scripts for scripts in risky if scripts]
        if (benign_share > 0 and not self._benigns) or (benign_share < 1 and not self._risky):
            raise UsageError(f"the {split} side has no family for this share of benign chats")
        self._key = (SPLITS.index(split), seed)
        self._offset = np.random.default_rng(self._key).random(2).tolist()

    def conversation(self, i: int, options: Options) -> Conversation:
        rng = np.random.default_rng((*self._key, i))
        name = f"{self._split}-{self._seed}-{i}"
        return render(self._script(i), rng, split=self._side, name=name, options=options)

    def _script(self, i: int) -> Script:
        label, family = (
            math.modf(offset + i * step)[0]
            for offset, step in zip(self._offset, _STEPS, strict=True)
        )
        if label < self._benign:
            scripts = self._benigns
        else:
            at = (label - self._benign) / (1.0 - self._benign)
            scripts = self._risky[int(at * len(self._risky))]
        return scripts[int(family * len(scripts))]

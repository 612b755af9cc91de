"""A bank of memory features, simple enough to be fitted again for every cell of a study.

Theory
------
A message shows some numbers in 0..1 (cue probabilities, what kind of event it is, how quickly it
came). The state keeps two entries for each of them:

* the **strongest** so far, ``s <- max(f s, x)``;
* an **accumulator**, ``s <- 1 - (1 - f s)(1 - x / 5)``: it rises with every showing and saturates,
  so a flood can fill it but not overflow it. Below 0.1, x counts as nothing shown.

``f`` is what is left of the past after one more message: how long the device remembers.

=============  ====================================================================================
horizon        f
=============  ====================================================================================
none           there is no state at all
last_10        0.9 for a message: what is remembered is ten messages old on average
one_day        e^(-gap / 1 day)
thirty_days    e^(-gap / 30 days)
for_ever       1
=============  ====================================================================================

The state is stored at a **precision** after every message, as a device would: 32 bits; 8, 4 or 1
bit (entries on an even grid in 0..1); or 32 bits with Gaussian noise of standard deviation 0.1. A
new maximum is rounded to the nearest step; what fades or adds up is rounded up or down at random in
proportion (stochastic rounding: Gupta et al. 2015, "Deep learning with limited numerical
precision"), or a coarse grid would never forget and never add up. All chats go in lockstep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

DAY: Final = 86_400.0  # seconds
HORIZONS: Final[Mapping[str, str]] = {
    "none": "no memory",
    "last_10": "last 10 messages",
    "one_day": "one day",
    "thirty_days": "30 days",
    "for_ever": "for ever",
}
PRECISIONS: Final[Mapping[str, str]] = {
    "32": "32 bit",
    "8": "8 bit",
    "4": "4 bit",
    "1": "1 bit",
    "noise": "32 bit + noise",
}
NOISE: Final = 0.1  # standard deviation
_RATE: Final = 0.2  # of an accumulator
_SHOWN: Final = 0.1  # below, an accumulator takes nothing to be shown


@dataclass(frozen=True, slots=True)
class Memory:
    """How long, and how finely, a device remembers. See the module."""

    horizon: str
    precision: str

    def left(self, gap: Floats) -> Floats:
        """Share of the past that is left after gaps in seconds, float32 like ``gap``."""
        if self.horizon == "last_10":
            return np.full_like(gap, 0.9)
        spans = {"one_day": DAY, "thirty_days": 30 * DAY}
        if self.horizon in spans:
            return np.asarray(np.exp(-gap / np.float32(spans[self.horizon])), dtype=np.float32)
        return np.ones_like(gap)


def states_of(
    shown: Floats,
    gap: Floats,
    heard: npt.NDArray[np.bool_],
    starts: npt.NDArray[np.int64],
    memory: Memory,
    rng: np.random.Generator,
) -> Floats:
    """The stored state after every message.

    Args:
        shown: float32 ``(m, d)`` in 0..1, messages of all chats one after another.
        gap: float32 ``(m,)``, seconds since the chat's message before.
        heard: bool ``(m,)``; a message that is not heard changes nothing.
        starts: int64 ``(chats + 1,)``, where each chat begins.
        memory: horizon and precision.
        rng: for rounding and noise.

    Returns:
        float32 ``(m, 2 d)``: strongest, then accumulators; ``(m, 0)`` without memory.
    """
    count, width = shown.shape
    if memory.horizon == "none":
        return np.zeros((count, 0), dtype=np.float32)
    states = np.zeros((count, 2 * width), dtype=np.float32)
    lengths = np.diff(starts)
    longest_first = np.argsort(-lengths, kind="stable")
    first, lengths = starts[:-1][longest_first], lengths[longest_first]
    left = memory.left(gap)
    state = np.zeros((len(first), 2 * width), dtype=np.float32)
    added = _RATE * np.clip((shown - _SHOWN) / (1.0 - _SHOWN), 0.0, 1.0)
    for step in range(int(lengths[0]) if len(lengths) else 0):
        going = int((lengths > step).sum())
        rows = first[:going] + step
        old = state[:going]
        faded = old * left[rows, None]
        total = 1.0 - (1.0 - faded[:, width:]) * (1.0 - added[rows])
        kept = _stored(np.concatenate([faded[:, :width], total], axis=1), memory, rng)
        kept[:, :width] = np.maximum(kept[:, :width], _nearest(shown[rows], memory))
        state[:going] = np.where(heard[rows, None], kept, old)
        states[rows] = state[:going]
    return states


def _steps(memory: Memory) -> int | None:
    """Steps of the grid; ``None`` without one."""
    bits = {"8": 8, "4": 4, "1": 1}.get(memory.precision)
    return None if bits is None else 2**bits - 1


def _nearest(values: Floats, memory: Memory) -> Floats:
    steps = _steps(memory)
    if steps is None:
        return values
    return np.asarray(np.round(values * steps) / steps, dtype=np.float32)


def _stored(values: Floats, memory: Memory, rng: np.random.Generator) -> Floats:
    steps = _steps(memory)
    if steps is not None:
        up = rng.random(values.shape, np.float32)
        return np.asarray(np.floor(values * steps + up) / steps, dtype=np.float32)
    if memory.precision == "noise":
        noise = NOISE * rng.standard_normal(values.shape, dtype=np.float32)
        return np.clip(values + noise, 0.0, 1.0)
    return values.astype(np.float32)

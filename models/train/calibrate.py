"""From logits to probabilities, and from probabilities to thresholds.

All of it on cross-fitted outputs: families, phrases and real chats that neither the encoder nor
the conversation level has seen. Thresholds are set for a budget of false nudges, not for F1: for
each kind of risk the lowest one that keeps within its share of the budget on generated ordinary
chats and look-alikes and, far stricter, on real ordinary chats read as a stranger's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models.train.shape import CUES, RISKS

if TYPE_CHECKING:
    from models.train.fit_conversations import ConversationData

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """Share of ordinary chats that may be nudged, for each kind of risk."""

    generated: float = 0.0030
    real: float = 0.0004
    strong: float = 0.1  # a strong nudge may be wrong this much less often


def platt(logits: Array, targets: Array, steps: int = 60) -> tuple[float, float]:
    """Scale and shift that make a logistic function of the logits a probability (Platt 1999).

    Newton's method on the two numbers, drawn weakly to (1, 0) so that data that can be told apart
    entirely, or not at all, still gives finite ones; the scale stays positive.
    """
    x, y = logits.astype(np.float64), targets.astype(np.float64)
    scale, shift = 1.0, 0.0
    prior = 1e-3 * len(x)
    for _ in range(steps):
        p = 1.0 / (1.0 + np.exp(-np.clip(scale * x + shift, -40, 40)))
        w = p * (1 - p) + 1e-9
        gradient = np.array([((p - y) * x).sum(), (p - y).sum()])
        gradient += prior * 1e-2 * np.array([scale - 1.0, shift])
        hessian = np.array([[(w * x * x).sum(), (w * x).sum()], [(w * x).sum(), w.sum()]])
        move = np.linalg.solve(hessian + prior * 1e-2 * np.eye(2), gradient)
        scale, shift = max(scale - move[0], 0.05), shift - move[1]
        if np.abs(move).max() < 1e-8:
            break
    return float(scale), float(shift)


def phases(data: ConversationData) -> npt.NDArray[np.int64]:
    """For each message: -1 the user's, 0 before onset or in an ordinary chat, 1 onset and later."""
    phase = np.where(data.context[:, 0] > 0, 0, -1)
    for item in data.items:
        if item.risk >= 0:
            part = phase[item.start + item.onset : item.start + item.length]
            part[part == 0] = 1
    return phase


def calibration(data: ConversationData, logits: Array) -> tuple[Array, Array]:
    """Scale and shift of each kind: float32 ``(4,)`` each."""
    phase = phases(data)
    risk_of = np.repeat([item.risk for item in data.items], [item.length for item in data.items])
    pairs = []
    for kind in range(RISKS):
        used = (phase >= 0) & ((phase == 0) | (risk_of == kind))
        pairs.append(platt(logits[used, kind], (phase[used] == 1).astype(np.float32)))
    scale, shift = zip(*pairs, strict=True)
    return np.asarray(scale, dtype=np.float32), np.asarray(shift, dtype=np.float32)


def highest(data: ConversationData, values: Array) -> Array:
    """Highest value of each kind over the contact's messages: float32 ``(conversations, 4)``."""
    own = np.where((data.context[:, 0] > 0)[:, None], values, -np.inf)
    out = [own[item.start : item.start + item.length].max(axis=0) for item in data.items]
    return np.asarray(np.stack(out), dtype=np.float32)


def thresholds(
    probabilities: Array,
    ordinary: npt.NDArray[np.bool_],
    real: npt.NDArray[np.bool_],
    budget: Budget,
) -> tuple[list[float], list[float]]:
    """Gentle and strong threshold of each kind.

    Args:
        probabilities: highest calibrated risk of each conversation, ``(n, 4)``.
        ordinary: generated ordinary chats. real: real ordinary chats.
    """
    gentle, strong = [], []
    for kind in range(RISKS):
        p = probabilities[:, kind]
        gentle.append(
            max(_exceeded(p[ordinary], budget.generated), _exceeded(p[real], budget.real), 0.05)
        )
        strict = budget.generated * budget.strong
        strong.append(max(_exceeded(p[ordinary], strict), gentle[-1]))
    return gentle, strong


def _exceeded(values: Array, share: float) -> float:
    """Lowest threshold that at most ``share`` of the values reach."""
    if not len(values):
        return 0.0
    ranked = np.sort(values)[::-1]
    at = int(share * len(ranked))
    return float(min(np.nextafter(ranked[min(at, len(ranked) - 1)], 2.0, dtype=np.float32), 1.0))


def cue_thresholds(cues: Array, targets: Array) -> list[float]:
    """Probability from which each cue holds: best F1 on messages never seen, kept in 0.15..0.6."""
    grid = np.linspace(0.15, 0.6, 19)
    chosen = []
    for cue in range(CUES):
        truth = targets[:, cue] > 0.5
        scores = []
        for threshold in grid:
            found = cues[:, cue] >= threshold
            hits = float((found & truth).sum())
            scores.append(2 * hits / max(float(found.sum() + truth.sum()), 1.0))
        chosen.append(float(grid[int(np.argmax(scores))]))
    return chosen

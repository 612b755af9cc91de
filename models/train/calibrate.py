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

from models.train.shape import CUES, RISK_CUES, RISKS

if TYPE_CHECKING:
    from models.train.fit_conversations import ConversationData

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """Share of ordinary chats that may get a nudge of any kind.

    ``generated``: of generated ordinary chats and look-alikes, half of them twins of risky families
    that differ in a few turns, which is far harder than chats at large: it is a cap. ``real``: of
    real ordinary chats of corpora that nothing has seen, two thirds of them read as a stranger's.
    ``strong``: a strong threshold is reached this much less often than a gentle one.
    """

    generated: float = 0.04
    real: float = 0.005
    strong: float = 0.1


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


def reached_by(
    data: ConversationData,
    risk: Array,
    counts: npt.NDArray[np.bool_],
    kinds: npt.NDArray[np.str_],
) -> Reached:
    """Highest risk over the messages that count, up to the harm in risky chats.

    ``kinds``: "risky", "ordinary", "real" or something else (left out), for each conversation.
    """
    own = np.where(counts[:, None], risk, np.float32(0.0)).astype(np.float32)
    ends = [item.harm + 1 if item.risk >= 0 else item.length for item in data.items]
    high = np.stack(
        [
            own[item.start : item.start + end].max(axis=0)
            for item, end in zip(data.items, ends, strict=True)
        ]
    )
    return Reached(
        ordinary=high[kinds == "ordinary"],
        real=high[kinds == "real"],
        risky=high[kinds == "risky"],
        kind=np.asarray([item.risk for item in data.items])[kinds == "risky"],
    )


def nudgeable(data: ConversationData, cue: list[float]) -> npt.NDArray[np.bool_]:
    """Messages of the contact in which a risk cue holds: only these can bring a nudge."""
    shown = data.cues[:, :RISK_CUES] >= np.asarray(cue[:RISK_CUES], dtype=np.float32)
    return np.asarray(shown.any(axis=1) & (data.context[:, 0] > 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """Highest calibrated risk of each conversation, ``(n, 4)``, over the messages that can nudge.

    Attributes:
        ordinary: generated ordinary chats and look-alikes.
        real: real ordinary chats.
        risky: risky chats, up to the harm. kind: index of the label of each, ``(n,)``.
    """

    ordinary: Array
    real: Array
    risky: Array
    kind: npt.NDArray[np.int64]


def thresholds(reached: Reached, budget: Budget) -> tuple[list[float], list[float]]:
    """Gentle and strong threshold of each kind.

    The budget is spent where it warns most children in time: step by step, on the kind whose lower
    threshold adds most recall (each kind of risk counting alike) for the false nudges that it adds,
    among generated ordinary chats and among real ones, each against its own share.
    """
    gentle = _spend(reached, budget)
    strict = _within(reached.ordinary, budget.generated * budget.strong)
    strong = np.maximum(strict, gentle)
    return gentle.tolist(), strong.tolist()


def _spend(reached: Reached, budget: Budget) -> Array:
    ranked = -np.sort(-np.concatenate([reached.ordinary, reached.real]), axis=0)
    if not len(ranked):
        return np.full(RISKS, 0.05, dtype=np.float32)
    step = max(1, len(ranked) // 2_000)
    places = np.zeros(RISKS, dtype=np.int64)
    present = np.unique(reached.kind)

    def at(tried: npt.NDArray[np.int64]) -> Array:
        rows = np.minimum(tried, len(ranked) - 1)
        chosen = np.nextafter(ranked[rows, np.arange(RISKS)], np.float32(2.0))
        return np.asarray(np.clip(chosen, 0.05, 1.0), dtype=np.float32)

    def recall(limits: Array) -> float:
        caught = np.asarray((reached.risky >= limits).any(axis=1))
        shares = [float(caught[reached.kind == k].mean()) for k in present]
        return float(np.mean(shares)) if shares else 0.0

    def spent(limits: Array) -> Array:
        """Shares of the two budgets, 1 when used up."""
        pairs = ((reached.ordinary, budget.generated), (reached.real, budget.real))
        shares = [(rows >= limits).any(axis=1).mean() / most for rows, most in pairs if len(rows)]
        return np.asarray(shares, dtype=np.float32)

    # Several strides are looked at, so that a step without gain does not end the search.
    moves = [
        step * stride * np.eye(RISKS, dtype=np.int64)[kind]
        for kind in range(RISKS)
        for stride in (1, 4, 16, 64)
    ]
    while True:
        here = recall(at(places)), spent(at(places))
        best, gain = None, -1.0
        for tried in (places + move for move in moves):
            cost = spent(at(tried))
            if (cost > 1.0).any() or tried.max() >= len(ranked):
                continue
            added = float((cost - here[1]).sum())
            worth = (recall(at(tried)) - here[0] + 1e-9) / (added + 1e-3)
            if worth > gain:
                best, gain = tried, worth
        if best is None:
            return at(places)
        places = best


def _within(values: Array, share: float) -> Array:
    """Lowest thresholds, ``(4,)``, that at most ``share`` of the rows reach in any column."""
    if not len(values):
        return np.zeros(RISKS, dtype=np.float32)
    ranked = -np.sort(-values, axis=0)
    chosen = np.nextafter(ranked[0], np.float32(2.0))
    for at in range(len(ranked)):
        tried = np.nextafter(ranked[at], np.float32(2.0))
        if (values >= tried).any(axis=1).mean() > share:
            break
        chosen = tried
    return np.asarray(np.clip(chosen, 0.0, 1.0), dtype=np.float32)


def cue_thresholds(cues: Array, targets: Array) -> list[float]:
    """Probability from which each cue holds: best F1 on messages never seen, kept in 0.15..0.5.

    Targets that are NaN do not count.
    """
    grid = np.linspace(0.15, 0.5, 15)
    chosen = []
    for cue in range(CUES):
        said = ~np.isnan(targets[:, cue])
        truth = targets[said, cue] > 0.5
        scores = []
        for threshold in grid:
            found = cues[said, cue] >= threshold
            hits = float((found & truth).sum())
            scores.append(2 * hits / max(float(found.sum() + truth.sum()), 1.0))
        chosen.append(float(grid[int(np.argmax(scores))]))
    return chosen

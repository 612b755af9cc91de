"""Logistic regression by Newton's method: small, exact, and nothing but numpy.

The penalised log-likelihood has one maximum (Hastie, Tibshirani and Friedman, *The Elements of
Statistical Learning*, section 4.4.1), so there is nothing to tune but the penalty. Good for up to a
few hundred features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_ROUNDS: Final = 25
_HALVES: Final = 12
_STILL: Final = 1e-5  # share of the loss; what gains less has settled
_FLAT: Final = 1e-6  # spread below which a feature never changes


@dataclass(frozen=True, slots=True)
class Line:
    """Weights float32 ``(f,)`` and bias: log odds are ``features @ weights + bias``."""

    weights: Floats
    bias: float

    def __call__(self, features: Floats) -> Floats:
        """Log odds, float32 ``(n,)``."""
        return np.asarray(features @ self.weights + np.float32(self.bias), dtype=np.float32)


def fit(features: Floats, target: Mask, *, penalty: float = 1.0, balanced: bool = False) -> Line:
    """Fit a line of log odds.

    Args:
        features: float32 ``(n, f)``; they are scaled to unit spread inside.
        target: bool ``(n,)``. When all are alike, the line says so from its bias alone.
        penalty: on the squares of the scaled weights, above 0; the bias is free.
        balanced: whether both classes weigh alike, however many there are of each.
    """
    share = float(target.mean()) if len(target) else 0.0
    width = features.shape[1]
    if share in (0.0, 1.0):
        return Line(np.zeros(width, dtype=np.float32), 20.0 if share else -20.0)
    middle, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread < _FLAT, np.float32(np.inf), spread)  # such a feature gets no weight
    x = np.concatenate(
        [(features - middle) / spread, np.ones((len(features), 1), np.float32)], axis=1
    ).astype(np.float32)
    each = np.where(target, 0.5 / share, 0.5 / (1.0 - share)) if balanced else np.ones(len(target))
    mass = each.astype(np.float32)
    ridge = np.full(width + 1, penalty)
    ridge[-1] = 1e-6
    weights = np.zeros(width + 1)
    if not balanced:
        weights[-1] = np.log(share / (1.0 - share))
    loss, z = _loss(x, weights, target, mass, ridge)
    for _ in range(_ROUNDS):
        p = 1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0)))
        slope = x.T @ (mass * (target - p)) - ridge * weights
        bend = (x.T * (mass * p * (1.0 - p))) @ x + np.diag(ridge)
        step = np.linalg.solve(bend.astype(np.float64), slope)
        # Far from the maximum a whole step may overshoot: halve it until it helps.
        for _ in range(_HALVES):
            tried, odds = _loss(x, weights + step, target, mass, ridge)
            if tried <= loss:
                break
            step = step / 2.0
        else:
            break
        weights, z, gained, loss = weights + step, odds, loss - tried, tried
        if gained < _STILL * max(loss, 1.0):
            break
    own = (weights[:-1] / spread).astype(np.float32)
    return Line(own, float(weights[-1] - own @ middle))


def _loss(
    x: Floats,
    weights: npt.NDArray[np.float64],
    target: Mask,
    mass: Floats,
    ridge: npt.NDArray[np.float64],
) -> tuple[float, Floats]:
    """Penalised negative log-likelihood, and the log odds that it comes from."""
    z = x @ weights.astype(np.float32)
    each = np.logaddexp(np.float32(0.0), z) - target * z
    return float(mass @ each) + 0.5 * float(ridge @ weights**2), z

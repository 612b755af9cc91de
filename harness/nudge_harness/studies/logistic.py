"""Logistic regression by Newton's method: small, exact, and nothing but numpy.

The penalised log-likelihood has one maximum (Hastie, Tibshirani and Friedman, *The Elements of
Statistical Learning*, section 4.4.1), so there is nothing to tune but the penalty. Good for up to a
few hundred features. Penalties are walked from the strongest to the weakest, each from where the
one before ended, which costs little more than one fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Reals = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_ROUNDS: Final = 25
_HALVES: Final = 12
_STILL: Final = 1e-4  # share of the loss; what gains less has settled
_FLAT: Final = 1e-6  # spread below which a feature never changes


@dataclass(frozen=True, slots=True)
class Line:
    """Weights float32 ``(f,)`` and bias: log odds are ``features @ weights + bias``."""

    weights: Floats
    bias: float

    def __call__(self, features: Floats) -> Floats:
        """Log odds, float32 ``(n,)``."""
        return np.asarray(features @ self.weights + np.float32(self.bias), dtype=np.float32)


def mean_of(lines: Sequence[Line]) -> Line:
    """The line whose log odds are the mean of those of several."""
    weights = np.mean([line.weights for line in lines], axis=0, dtype=np.float64)
    return Line(
        np.asarray(weights, dtype=np.float32), float(np.mean([line.bias for line in lines]))
    )


def fit(features: Floats, target: Mask, *, penalty: float = 1.0, balanced: bool = False) -> Line:
    """Fit a line of log odds.

    Args:
        features: float32 ``(n, f)``; they are scaled to unit spread inside.
        target: bool ``(n,)``. When all are alike, the line says so from its bias alone.
        penalty: on the squares of the scaled weights, above 0; the bias is free.
        balanced: whether both classes weigh alike, however many there are of each.
    """
    mass = balance(target) if balanced else np.ones(len(target), dtype=np.float32)
    ((line,),) = paths(features, target[:, None], (penalty,), mass)
    return line


def balance(target: Mask) -> Floats:
    """What each row weighs, float32 ``(n,)``, so that yes and no weigh alike."""
    share = float(target.mean()) if len(target) else 0.0
    if share in (0.0, 1.0):
        return np.ones(len(target), dtype=np.float32)
    return np.where(target, 0.5 / share, 0.5 / (1.0 - share)).astype(np.float32)


def paths(
    features: Floats, targets: Mask, penalties: Sequence[float], mass: Floats
) -> list[list[Line]]:
    """Fit one line for each target under each penalty.

    Args:
        features: float32 ``(n, f)``.
        targets: bool ``(n, t)``.
        penalties: above 0; the strongest first is quickest.
        mass: float32 ``(n,)``, what each row weighs, above 0.

    Returns:
        Lines by target, then by penalty.
    """
    middle, spread = _scale(features)
    x = np.ones((len(features), features.shape[1] + 1), dtype=np.float32)
    x[:, :-1] = (features - middle) / spread
    found = []
    for target in targets.T:
        if not len(target) or target.all() or not target.any():
            never = Line(np.zeros(features.shape[1], np.float32), 20.0 if target.any() else -20.0)
            found.append([never] * len(penalties))
            continue
        share = float(mass[target].sum() / mass.sum())
        weights = np.zeros(x.shape[1])
        weights[-1] = np.log(share / (1.0 - share))
        lines = []
        for penalty in penalties:
            weights = _maximum(x, target, mass, penalty, weights)
            own = (weights[:-1] / spread).astype(np.float32)
            lines.append(Line(own, float(weights[-1] - own @ middle)))
        found.append(lines)
    return found


def _scale(features: Floats) -> tuple[Floats, Floats]:
    """Mean and spread of each feature; what never changes gets no weight."""
    if not len(features):
        zeros = np.zeros(features.shape[1], dtype=np.float32)
        return zeros, zeros + np.float32(np.inf)
    spread = features.std(axis=0)
    return features.mean(axis=0), np.where(spread < _FLAT, np.float32(np.inf), spread)


def _maximum(x: Floats, target: Mask, mass: Floats, penalty: float, start: Reals) -> Reals:
    """Weights of the best line, by Newton's steps from ``start``."""
    ridge = np.full(x.shape[1], penalty)
    ridge[-1] = 1e-6
    weights = start
    loss, z = _loss(x, weights, target, mass, ridge)
    for _ in range(_ROUNDS):
        p = 1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0)))
        slope = x.T @ (mass * (target - p)) - ridge * weights
        # A matrix times its own transpose: BLAS then works out one half only.
        bent = x * np.sqrt(mass * p * (1.0 - p))[:, None]
        bend = (bent.T @ bent).astype(np.float64) + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
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
    return weights


def _loss(
    x: Floats, weights: Reals, target: Mask, mass: Floats, ridge: Reals
) -> tuple[float, Floats]:
    """Penalised negative log-likelihood, and the log odds that it comes from."""
    z = x @ weights.astype(np.float32)
    each = np.logaddexp(np.float32(0.0), z) - target * z
    return float(mass @ each) + 0.5 * float(ridge @ weights**2), z

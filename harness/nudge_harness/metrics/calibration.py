"""Calibration error: does "30 %" come true 30 % of the time?

Source: expected calibration error with equal-mass bins (Nguyen and O'Connor, EMNLP 2015; Nixon et
al., "Measuring Calibration in Deep Learning", 2019), 15 bins. One point per message and risk kind:
predicted is the risk after the message, and the truth is 1 from the onset on in a conversation with
that label, else 0. Positives without an onset are left out.

The same error is given *re-weighted* to one risky conversation in 1,000, because a test file holds
far more of them than a phone does, and a model calibrated on one is not calibrated on the other.
Bins are cut once, on the whole file; resampling only re-counts them. Equal values share a bin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from nudge_harness.metrics.build import divide, where
from nudge_harness.metrics.curve import Curve
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Floats, Sums
from nudge_sdk.values import RISKS

BINS: Final = 15
BASE_RATE: Final = 0.001  # risky share of conversations when re-weighted

Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """One point per message and risk kind.

    Attributes:
        owner: int64 ``(k,)``, index of the conversation.
        risk: float64 ``(k,)``, predicted probability, 0..1.
        true: float64 ``(k,)``, 0 or 1.
        mass: float64 ``(k,)``, weight of the point.
    """

    owner: Ints
    risk: Floats
    true: Floats
    mass: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """One bin of a reliability diagram: mean prediction, share that came true, share of mass."""

    predicted: float
    observed: float
    mass: float


def points_of(
    outcomes: Sequence[Outcome],
    curves: Mapping[str, Curve],
    kinds: Sequence[str] = RISKS,
    base_rate: float | None = None,
) -> Points:
    """Points of the conversations that have a curve.

    Args:
        outcomes: the conversations.
        curves: by conversation id.
        kinds: the risk kinds to take, of `RISKS`.
        base_rate: risky share of conversations to re-weight to; ``None``: as the file stands.
    """
    at = [RISKS.index(kind) for kind in kinds]
    owner, risk, true = [], [], []
    for index, outcome in enumerate(outcomes):
        curve = curves.get(outcome.id)
        if curve is None or not _usable(outcome):
            continue
        begun = np.arange(len(curve.risk)) >= (np.inf if outcome.onset is None else outcome.onset)
        own = np.array([outcome.label == kind for kind in kinds])
        risk.append(curve.risk[:, at].ravel())
        true.append((begun[:, None] & own[None, :]).ravel())
        owner.append(np.full(risk[-1].size, index))
    if not owner:
        empty = np.zeros(0)
        return Points(owner=empty.astype(np.int64), risk=empty, true=empty, mass=empty)
    all_risk = np.concatenate(risk).astype(np.float64)
    known = ~np.isnan(all_risk)
    owners = np.concatenate(owner)[known]
    return Points(
        owner=owners,
        risk=all_risk[known],
        true=np.concatenate(true)[known].astype(np.float64),
        mass=_mass(outcomes, base_rate)[owners],
    )


def _usable(outcome: Outcome) -> bool:
    return outcome.benign or (outcome.positive and outcome.onset is not None)


def _mass(outcomes: Sequence[Outcome], base_rate: float | None) -> Floats:
    """Weight of each conversation's points, float64 ``(n,)``."""
    if base_rate is None:
        return np.ones(len(outcomes))
    risky = where(outcomes, lambda o: o.positive and _usable(o))
    benign = where(outcomes, lambda o: o.benign)
    if not (risky.any() and benign.any()):
        return np.zeros(len(outcomes))
    weight = np.zeros(len(outcomes))
    weight[risky] = base_rate / risky.sum()
    weight[benign] = (1.0 - base_rate) / benign.sum()
    return weight


def _bins(points: Points) -> Ints:
    """Bin of each point, int64 ``(k,)`` in 0..14: by the mass below it and half of its value's."""
    _, value = np.unique(points.risk, return_inverse=True)
    mass = np.bincount(value, weights=points.mass)
    middle = np.cumsum(mass) - mass / 2
    place: Ints = np.minimum((BINS * middle / mass.sum()).astype(np.int64), BINS - 1)[value]
    return place


def calibration_error(
    outcomes: Sequence[Outcome],
    curves: Mapping[str, Curve],
    kinds: Sequence[str] = RISKS,
    base_rate: float | None = None,
) -> Sums:
    """Mean gap between predicted and observed over the bins, 0..1; arguments as `points_of`."""
    points = points_of(outcomes, curves, kinds, base_rate)
    columns = np.zeros((len(outcomes), BINS + 1))
    if points.mass.sum() > 0:
        np.add.at(columns, (points.owner, _bins(points)), points.mass * (points.risk - points.true))
        columns[:, BINS] = np.bincount(points.owner, points.mass, minlength=len(outcomes))

    def finish(sums: Floats) -> Floats:
        return divide(np.abs(sums[:, :BINS]).sum(axis=1), sums[:, BINS])

    return Sums(columns=columns, finish=finish, counted=columns[:, BINS] > 0)


def reliability(points: Points) -> tuple[Bin, ...]:
    """The bins of a reliability diagram, in order of prediction; empty without points."""
    total = points.mass.sum()
    if not total > 0:
        return ()
    place = _bins(points)
    rows = (points.mass, points.mass * points.risk, points.mass * points.true)
    mass, risk, true = (np.bincount(place, weights=row, minlength=BINS) for row in rows)
    return tuple(
        Bin(predicted=risk[b] / mass[b], observed=true[b] / mass[b], mass=mass[b] / total)
        for b in np.flatnonzero(mass)
    )

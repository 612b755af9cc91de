"""From outcomes to statistics: the handful of shapes that nearly every metric has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import (
    NO_LIMITS,
    Among,
    Floats,
    Floor,
    Limits,
    Mask,
    Statistic,
    Sums,
)


def among(
    outcomes: Sequence[Outcome],
    chosen: Mask,
    statistic: Callable[[Sequence[Outcome]], Statistic],
) -> Among:
    """``statistic`` of the ``chosen`` outcomes only, ready for weights over all of them."""
    index = np.flatnonzero(chosen)
    part = statistic([outcomes[i] for i in index.tolist()])
    counted = np.zeros(len(outcomes), dtype=np.bool_)
    counted[index] = part.counted
    return Among(part=part, index=index, counted=counted)


def divide(top: Floats, bottom: Floats) -> Floats:
    """``top / bottom``; NaN where ``bottom`` is 0."""
    safe = np.where(bottom == 0, 1.0, bottom)
    return np.where(bottom == 0, np.nan, top / safe)


def where(outcomes: Sequence[Outcome], test: Callable[[Outcome], bool]) -> Mask:
    """Which outcomes pass the test, bool ``(n,)``."""
    return np.fromiter((test(outcome) for outcome in outcomes), dtype=np.bool_, count=len(outcomes))


def numbers(outcomes: Sequence[Outcome], value: Callable[[Outcome], float | None]) -> Floats:
    """One number per outcome, float64 ``(n,)``; NaN for ``None``."""
    found = (value(outcome) for outcome in outcomes)
    filled = (np.nan if number is None else float(number) for number in found)
    return np.fromiter(filled, dtype=np.float64, count=len(outcomes))


def ratio(top: Floats, bottom: Floats, counted: Mask, scale: float = 1.0) -> Sums:
    """``scale`` times the sum of ``top`` over the sum of ``bottom``, both ``(n,)``.

    Where nothing was hit at all, or everything, the interval is widened to what the number of
    families allows (`Statistic.edge`); a rate per message is taken to have one hit in each such
    conversation.
    """
    columns = np.stack([np.where(counted, top, 0.0), np.where(counted, bottom, 0.0)], axis=1)
    hits, base = (float(total) for total in columns.sum(axis=0))
    per_conversation = scale * float(counted.sum()) / base if base else 0.0
    full = bool(np.array_equal(columns[:, 0], columns[:, 1]))

    def limits(floor: Floor) -> Limits:
        if not base:
            return NO_LIMITS
        if not hits:
            return Limits(low=None, high=per_conversation * floor(counted))
        return Limits(low=scale * (1.0 - floor(counted)), high=None) if full else NO_LIMITS

    def finish(sums: Floats) -> Floats:
        return scale * divide(sums[:, 0], sums[:, 1])

    return Sums(columns=columns, finish=finish, counted=counted, limits=limits)


def share(
    outcomes: Sequence[Outcome],
    *,
    of: Callable[[Outcome], bool],
    hit: Callable[[Outcome], bool],
    scale: float = 1.0,
) -> Sums:
    """``scale`` times the share of the outcomes ``of`` that are ``hit``."""
    counted = where(outcomes, of)
    hits = (where(outcomes, hit) & counted).astype(np.float64)
    return ratio(hits, counted.astype(np.float64), counted, scale)

"""Latency and speed: how many messages were read before the alarm, and what that delay is worth.

Source: Sadeque, Xu and Bethard, "Measuring the Latency of Depression Detection in Social Media",
WSDM 2018. With k = messages seen at the first nudge of a true positive::

    penalty(k) = -1 + 2 / (1 + e^(-p (k - 1)))        0 at the first message, towards 1
    speed      = 1 - median of penalty(k)             without a true positive: 0
    latency_tp = median of k

``p`` sets how fast patience ends: penalty(m) = 0.5 at m = 1 + ln 3 / p. eRisk's p = 0.0078 (m =
142) hardly charges for 20 messages, so p and m are printed with every result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from nudge_harness.metrics.build import numbers, where
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Derived, Floats, Median

DEFAULT_P: Final = 0.0078  # per message; eRisk


def half_patience(p: float) -> float:
    """``m``: messages after which the penalty is one half."""
    return 1.0 + math.log(3.0) / p


def penalty(seen: int, p: float) -> float:
    """Sadeque's penalty of an alarm after ``seen`` messages (from 1), 0..1."""
    return math.tanh(p * (seen - 1) / 2.0)  # the same function, and it cannot overflow


def latency_tp(outcomes: Sequence[Outcome]) -> Median:
    """Median messages seen at the first nudge, over nudged positives."""
    return Median(
        values=numbers(outcomes, lambda o: o.seen),
        counted=where(outcomes, lambda o: o.positive and o.nudged),
    )


def speed(outcomes: Sequence[Outcome], *, p: float = DEFAULT_P) -> Derived:
    """One less the median penalty over true positives, 0..1; 0 without one.

    ``n`` is the number of positives: a miss slows nothing but may leave no true positive.

    Args:
        outcomes: the conversations.
        p: patience parameter, per message, above 0.
    """
    delay = Median(
        values=numbers(outcomes, lambda o: None if o.seen is None else penalty(o.seen, p)),
        counted=where(outcomes, lambda o: o.positive and o.nudged),
    )
    return Derived(parts=(delay,), combine=_speed, counted=where(outcomes, lambda o: o.positive))


def _speed(delay: Floats) -> Floats:
    return np.where(np.isnan(delay), 0.0, 1.0 - delay)

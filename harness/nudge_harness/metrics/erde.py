"""ERDE: early risk detection error, which charges for misses, false alarms and delay.

Source: Losada and Crestani, "A Test Collection for Research on Depression and Language Use", CLEF
2016; constants as eRisk uses them. With k = messages seen at the first nudge::

    false alarm     c_fp = share of positives in the file
    miss            c_fn = 1
    true positive   c_tp * lc_o(k) = 1 - 1 / (1 + e^(k - o)),  c_tp = 1
    true negative   0

averaged over positives and benign; 0..1, lower is better. It saturates (o = 5: k = 1 costs 0.018,
5 costs 0.5, 10 costs 0.993), and a small ``c_fp`` makes false alarms look cheap: never read it
alone. ``c_fp`` belongs to the file and stays fixed under resampling.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nudge_harness.metrics.build import numbers, ratio, where
from nudge_harness.metrics.outcome import Outcome, positive_share
from nudge_harness.metrics.statistic import Sums


def latency_cost(seen: int, deadline: int) -> float:
    """``lc_o(k)``, 0..1: cost of a right alarm after ``seen`` messages; 0.5 at the deadline."""
    return 1.0 / (1.0 + math.exp(min(deadline - seen, 700)))


def erde(outcomes: Sequence[Outcome], *, deadline: int) -> Sums:
    """Mean cost per scored conversation; undefined for a file without positives.

    Args:
        outcomes: the conversations.
        deadline: ``o``, in messages; eRisk uses 5 and 50.
    """
    false_alarm = positive_share(outcomes)

    def cost(outcome: Outcome) -> float | None:
        if outcome.benign:
            return false_alarm if outcome.nudged else 0.0
        return latency_cost(outcome.seen, deadline) if outcome.seen is not None else 1.0

    counted = where(outcomes, lambda o: o.scored and bool(false_alarm))
    return ratio(numbers(outcomes, cost), counted.astype(np.float64), counted)


def erde_5(outcomes: Sequence[Outcome]) -> Sums:
    """ERDE with a deadline of 5 messages."""
    return erde(outcomes, deadline=5)


def erde_50(outcomes: Sequence[Outcome]) -> Sums:
    """ERDE with a deadline of 50 messages."""
    return erde(outcomes, deadline=50)

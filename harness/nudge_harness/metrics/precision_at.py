"""Precision at a stated base rate: of the nudges given, share in risky conversations.

Source: Bayes' rule on the two rates of the file, because the file's own mix says nothing about a
phone::

    precision = b R / (b R + (1 - b) F)

with b = share of risky conversations outside, R = share of risky and F = share of benign
conversations that got a nudge. The benign ones stand as they are in the file: a file of look-alikes
gives a harsher F than daily life would.

`UNKNOWN_ADULTS` is a scenario, not a measurement: share of chats that are with unknown adults,
times 1 in 86 such chats being risky (issue text; to be varied, hence three shares).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nudge_harness.metrics.build import divide
from nudge_harness.metrics.false_nudges import PER, false_per_1000
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.recall import recall
from nudge_harness.metrics.statistic import NO_LIMITS, Floats, Floor, Limits, Sums

BASE_RATES: Final = (0.01, 0.001, 0.0001)  # risky share of conversations
UNKNOWN_ADULTS: Final = (0.01, 0.1, 1.0)  # share of chats with unknown adults
RISKY_AMONG_UNKNOWN: Final = 1 / 86


def scenario_rate(unknown_adults: float) -> float:
    """Base rate when this share (0..1) of chats is with unknown adults."""
    return unknown_adults * RISKY_AMONG_UNKNOWN


def precision_at(outcomes: Sequence[Outcome], *, base_rate: float) -> Sums:
    """Precision, 0..1; undefined without positives, without benign or without any nudge.

    Args:
        outcomes: the conversations.
        base_rate: share of risky conversations, above 0 and below 1.
    """
    risky, benign = recall(outcomes), false_per_1000(outcomes)
    both = bool(risky.counted.any() and benign.counted.any())
    columns = np.concatenate([risky.columns, benign.columns], axis=1)

    def finish(sums: Floats) -> Floats:
        found = base_rate * divide(sums[:, 0], sums[:, 1])
        wrong = (1.0 - base_rate) * divide(sums[:, 2], sums[:, 3])
        return divide(found, found + wrong)

    def limits(floor: Floor) -> Limits:
        """With no false nudge seen, assume as many as the number of families cannot rule out."""
        most = benign.edge(floor).high
        hits, of = columns[:, :2].sum(axis=0)
        if most is None or not hits:
            return NO_LIMITS
        found, wrong = base_rate * hits / of, (1.0 - base_rate) * most / PER
        return Limits(low=float(found / (found + wrong)), high=None)

    counted = (risky.counted | benign.counted) & both
    return Sums(columns=columns, finish=finish, counted=counted, limits=limits)

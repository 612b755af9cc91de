"""Recall: share of risky conversations that got any nudge, whenever it came.

Source: the plain definition; true positives as `outcome` states. It is the recall inside F1 and
precision. `recall_before_harm` is the figure that matters to the young person.
"""

from __future__ import annotations

from collections.abc import Sequence

from nudge_harness.metrics.build import share
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Sums


def recall(outcomes: Sequence[Outcome]) -> Sums:
    """Nudged positives over positives, 0..1."""
    return share(outcomes, of=lambda o: o.positive, hit=lambda o: o.nudged)

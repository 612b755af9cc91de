"""Recall before harm: share of risky conversations warned no later than the harm.

Source: DESIGN.md, section 5, Metrics: first nudge index <= ``harm``, any kind. A nudge on the very
message that asks counts: it stands beside the ask before an answer is typed.
"""

from __future__ import annotations

from collections.abc import Sequence

from nudge_harness.metrics.build import share
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Sums


def recall_before_harm(outcomes: Sequence[Outcome]) -> Sums:
    """Caught positives over positives that state their harm, 0..1."""
    return share(outcomes, of=lambda o: o.positive and o.harm is not None, hit=lambda o: o.caught)

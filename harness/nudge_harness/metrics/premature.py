"""Premature: share of risky conversations nudged before there was anything to see.

Source: DESIGN.md, section 5, Metrics: first nudge < onset. Such a nudge was luck or prejudice; it
counts as a true positive elsewhere, so this figure always stands beside the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from nudge_harness.metrics.build import share
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Sums


def premature(outcomes: Sequence[Outcome]) -> Sums:
    """Positives first nudged before their onset, over positives that state their onset, 0..1."""
    return share(outcomes, of=lambda o: o.positive and o.onset is not None, hit=_premature)


def _premature(outcome: Outcome) -> bool:
    first = outcome.first_nudge
    return first is not None and outcome.onset is not None and first < outcome.onset

"""Early recall: share of risky conversations warned within two messages of the first sign.

Source: DESIGN.md, section 5, Metrics: first nudge index <= onset + 2. A nudge before the onset
counts as well, which is why `premature` is always printed beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nudge_harness.metrics.build import share
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Sums

GRACE: Final = 2  # messages after the onset


def early_recall(outcomes: Sequence[Outcome]) -> Sums:
    """Positives nudged by onset + 2, over positives that state their onset, 0..1."""
    return share(outcomes, of=lambda o: o.positive and o.onset is not None, hit=_early)


def _early(outcome: Outcome) -> bool:
    first = outcome.first_nudge
    return first is not None and outcome.onset is not None and first <= outcome.onset + GRACE

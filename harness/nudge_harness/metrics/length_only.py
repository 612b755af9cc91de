"""The length-only baseline: what counting messages alone would have achieved.

Source: DESIGN.md, section 7 (known confounds: risky chats are longer). The baseline nudges every
chat on its m-th message, with the smallest m whose false nudges are no more than the measured
detector's own. A detector that cannot beat it has learnt length, not risk.
"""

from __future__ import annotations

from collections.abc import Sequence

from nudge_harness.metrics.build import share
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Sums


def length_only_recall(outcomes: Sequence[Outcome]) -> Sums:
    """Recall before harm of the baseline at the detector's own number of false nudges, 0..1."""
    start = _start(outcomes)
    return share(
        outcomes,
        of=lambda o: o.positive and o.harm is not None and start is not None,
        hit=lambda o: o.harm is not None and start is not None and start <= o.harm + 1,
    )


def _start(outcomes: Sequence[Outcome]) -> int | None:
    """The m-th message on which the baseline nudges, from 1; ``None`` without benign chats."""
    lengths = sorted((o.messages for o in outcomes if o.benign), reverse=True)
    if not lengths:
        return None
    allowed = sum(o.benign and o.nudged for o in outcomes)
    return lengths[allowed] + 1 if allowed < len(lengths) else 1

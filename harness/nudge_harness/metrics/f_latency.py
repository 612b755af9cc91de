"""F-latency: F1 times speed, one number for "right and in time".

Source: Sadeque, Xu and Bethard, WSDM 2018, as `latency`; without a true positive it is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from nudge_harness.metrics.f1 import f1
from nudge_harness.metrics.latency import DEFAULT_P, speed
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Derived, Floats


def f_latency(outcomes: Sequence[Outcome], *, p: float = DEFAULT_P) -> Derived:
    """F1 times speed, 0..1; undefined for a file without positives.

    Args:
        outcomes: the conversations.
        p: patience parameter of `speed`, per message.
    """
    score = f1(outcomes)
    return Derived(parts=(score, speed(outcomes, p=p)), combine=_product, counted=score.counted)


def _product(score: Floats, pace: Floats) -> Floats:
    return score * pace

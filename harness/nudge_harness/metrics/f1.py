"""F1: harmonic mean of precision and recall over conversations, in the file's own mix.

Source: the plain definition, 2 TP / (2 TP + FP + FN), as in Sadeque et al. 2018. It depends on how
many risky conversations the file happens to hold; `precision_at` says what the mix outside means.
It is no share of conversations, so its interval is what resampling shows, also at 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nudge_harness.metrics.build import divide, where
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Floats, Sums


def f1(outcomes: Sequence[Outcome]) -> Sums:
    """F1, 0..1; undefined for a file without positives."""
    any_positive = any(outcome.positive for outcome in outcomes)
    true = where(outcomes, lambda o: o.positive and o.nudged and any_positive)
    wrong = where(outcomes, lambda o: o.scored and o.nudged != o.positive and any_positive)
    return Sums(
        columns=np.stack([true, wrong], axis=1).astype(np.float64),
        finish=_f1,
        counted=where(outcomes, lambda o: o.scored and any_positive),
    )


def _f1(sums: Floats) -> Floats:
    return divide(2 * sums[:, 0], 2 * sums[:, 0] + sums[:, 1])

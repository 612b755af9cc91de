"""Recall at a budget: risky chats warned in time when a fixed share of benign ones is nudged.

The sensitivity at a fixed false-alarm rate of an ROC curve (Pepe 2003, *The Statistical Evaluation
of Medical Tests for Classification and Prediction*, section 4.3.3), chat by chat: each chat counts
with the highest score that it reached while a warning was of use, up to the harm.

It compares detectors at one price, which their own thresholds do not: each reaches another share of
false nudges. The score at which the budget is spent is read off the measured benign chats, and it
is read off anew in every resample, so that the interval holds this chance, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nudge_harness.metrics.build import divide
from nudge_harness.metrics.statistic import NO_LIMITS, Floats, Floor, Limits, Mask


@dataclass(frozen=True, kw_only=True, slots=True)
class RecallAt:
    """A statistic, see `nudge_harness.metrics.statistic.Statistic`.

    Attributes:
        peaks: float64 ``(n,)``, highest score of each conversation.
        benign, positive: bool ``(n,)``.
        budget: share of the benign ones that may be nudged, 0..1.
    """

    peaks: Floats
    benign: Mask
    positive: Mask
    budget: float

    @property
    def counted(self) -> npt.NDArray[np.bool_]:
        """The positives: what the figure is a share of."""
        return self.positive

    def under(self, weights: Floats) -> Floats:
        """The figure under each row of weights."""
        # Highest first; of equals the benign come first, so that a tie helps nobody.
        order = np.lexsort((~self.benign, -self.peaks))
        drawn = weights[:, order]
        false = np.cumsum(drawn * self.benign[order], axis=1)
        allowed = self.budget * false[:, -1:]
        nudged = drawn * self.positive[order] * (false <= allowed)
        share = divide(nudged.sum(axis=1), (drawn * self.positive[order]).sum(axis=1))
        return np.where(false[:, -1] > 0, share, np.nan)

    def edge(self, _floor: Floor, /) -> Limits:
        """None: resampling shows them."""
        return NO_LIMITS

"""The lines of the charts: shares with intervals, from the same bootstrap as the figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nudge_harness.metrics.build import share
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.precision_at import precision_at
from nudge_harness.metrics.statistic import Figure, Sums
from nudge_harness.metrics.uncertainty import figures, partition

AFTER_ONSET: Final = range(-5, 21)  # messages
BEFORE_HARM: Final = range(-20, 6)  # messages
RATES: Final = tuple(10.0 ** (-5 + step / 8) for step in range(33))  # 1 in 100,000 to 1 in 10
_RESAMPLES: Final = 400  # a band is read by eye


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """What the charts draw; each a figure by its place on the horizontal axis.

    Attributes:
        onset: share of positives nudged by so many messages after the onset.
        harm: share of positives nudged by so many messages after the harm.
        precision: by base rate.
    """

    onset: dict[int, Figure]
    harm: dict[int, Figure]
    precision: dict[float, Figure]


def lines(outcomes: Sequence[Outcome], rng: np.random.Generator) -> Lines:
    """The lines of a set of outcomes, with bands from ``rng``."""
    statistics: dict[str, Sums] = {
        **{f"onset/{by}": _by(outcomes, lambda o: o.onset, by) for by in AFTER_ONSET},
        **{f"harm/{by}": _by(outcomes, lambda o: o.harm, by) for by in BEFORE_HARM},
        **{f"rate/{rate}": precision_at(outcomes, base_rate=rate) for rate in RATES},
    }
    worked = figures(statistics, partition(outcomes), rng, _RESAMPLES)
    return Lines(
        onset={by: worked[f"onset/{by}"] for by in AFTER_ONSET},
        harm={by: worked[f"harm/{by}"] for by in BEFORE_HARM},
        precision={rate: worked[f"rate/{rate}"] for rate in RATES},
    )


def _by(outcomes: Sequence[Outcome], mark: Callable[[Outcome], int | None], by: int) -> Sums:
    def warned(outcome: Outcome) -> bool:
        first, at = outcome.first_nudge, mark(outcome)
        return first is not None and at is not None and first <= at + by

    return share(outcomes, of=lambda o: o.positive and mark(o) is not None, hit=warned)

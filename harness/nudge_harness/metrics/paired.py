"""Two detectors on the same conversations: is the difference more than chance?

Both are worked out on the same resamples, so what is hard or easy for both cancels out. This is the
paired bootstrap of Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), with families
as in `uncertainty`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from nudge_harness.metrics.catalogue import Direction, catalogue
from nudge_harness.metrics.evaluation import check_settings
from nudge_harness.metrics.join import ExtraScoresError, MismatchError, MissingScoresError
from nudge_harness.metrics.latency import DEFAULT_P
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Derived, Figure
from nudge_harness.metrics.uncertainty import RESAMPLES, figures, partition

Verdict: TypeAlias = Literal["better", "worse", "no clear difference", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """This detector's figure less the other's, and what that means.

    ``verdict`` is ``better`` or ``worse`` only when the whole interval lies on that side of 0.
    """

    figure: Figure
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
        """The figure's fields and the verdict."""
        return {**self.figure.to_json(), "verdict": self.verdict}


def align(outcomes: Sequence[Outcome], others: Sequence[Outcome]) -> list[Outcome]:
    """``others`` in the order of ``outcomes``.

    Raises:
        MissingScoresError, ExtraScoresError: they are not about the same conversations.
        MismatchError: the truth of a conversation differs between the two.
    """
    by_id = {other.id: other for other in others}
    aligned = []
    for outcome in outcomes:
        other = by_id.pop(outcome.id, None)
        if other is None:
            raise MissingScoresError(f"the other run lacks {outcome.id[:40]!a}")
        if _truth(outcome) != _truth(other):
            raise MismatchError(f"{outcome.id[:40]!a}: the two runs state different truths")
        aligned.append(other)
    if by_id:
        raise ExtraScoresError(f"the other run has {len(by_id)} more conversations")
    return aligned


def _truth(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.label,
        outcome.family,
        outcome.onset,
        outcome.harm,
        outcome.messages,
    )


def compare(
    outcomes: Sequence[Outcome],
    others: Sequence[Outcome],
    *,
    rng: np.random.Generator,
    p: float = DEFAULT_P,
    resamples: int = RESAMPLES,
) -> dict[str, Difference]:
    """Difference in every metric of the catalogue, with a paired interval.

    Args:
        outcomes: of the detector in question.
        others: of the other one, on the same conversations in any order.
        rng: seeded generator.
        p: patience of speed and F-latency, per message.
        resamples: bootstrap resamples, at least 1.

    Raises:
        JoinError: the two are not about the same conversations.
        UsageError: ``p`` or ``resamples`` out of range.
    """
    check_settings(p, resamples)
    aligned = align(outcomes, others)
    statistics, direction = {}, {}
    for metric in catalogue(p):
        own, other = metric.compute(outcomes), metric.compute(aligned)
        both = own.counted | other.counted
        statistics[metric.name] = Derived(parts=(own, other), combine=np.subtract, counted=both)
        direction[metric.name] = metric.direction
    worked = figures(statistics, partition(outcomes), rng, resamples)
    return {
        name: Difference(figure=figure, verdict=verdict(figure, direction[name]))
        for name, figure in worked.items()
    }


def verdict(figure: Figure, direction: Direction) -> Verdict:
    """What a difference and its interval say, given which way is better."""
    if figure.low is None or figure.high is None:
        return "unknown"
    if figure.low <= 0.0 <= figure.high or direction == "neither":
        return "no clear difference"
    return "better" if (figure.low > 0.0) == (direction == "higher") else "worse"

"""Everything that is measured on one set of outcomes, from one set of resamples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np

from nudge_harness.errors import UsageError
from nudge_harness.metrics import counts
from nudge_harness.metrics.calibration import BASE_RATE, calibration_error
from nudge_harness.metrics.catalogue import Metric, catalogue
from nudge_harness.metrics.curve import Curve
from nudge_harness.metrics.groups import GROUP_METRICS, GROUPINGS, Split, by_label, split
from nudge_harness.metrics.latency import DEFAULT_P, half_patience
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.precision_at import (
    BASE_RATES,
    UNKNOWN_ADULTS,
    precision_at,
    scenario_rate,
)
from nudge_harness.metrics.statistic import Figure, Statistic
from nudge_harness.metrics.uncertainty import RESAMPLES, figures, partition
from nudge_sdk.values import RISKS

LABEL_METRICS: Final = ("recall_before_harm", "right_kind", "early_recall", "premature")
"""Metrics that are also given for each risk kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupFigures:
    """One metric over one grouping.

    Attributes:
        groups: figure of each group.
        worst: the group served worst, of those large enough to tell; ``None`` if it cannot be said.
        gap: the worst group's figure less everybody else's.
    """

    groups: Mapping[str, Figure]
    worst: str | None
    gap: Figure | None

    def to_json(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        return {
            "groups": _plain(self.groups),
            "worst": self.worst,
            "gap": None if self.gap is None else self.gap.to_json(),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """The result of `evaluate`.

    Attributes:
        p: patience parameter of speed and F-latency, per message.
        resamples: number of bootstrap resamples behind every interval.
        tallies: what the file holds, by class (`counts.tallies`).
        other_labels: labels that are not scored.
        first_kinds: kind of the first nudge by label.
        figures: the catalogue's metrics by name.
        precision_at: by base rate, ``"0.01"`` and so on.
        precision_unknown_adults: by share of chats with unknown adults, times 1 in 86.
        by_label: `LABEL_METRICS` for each risk kind in the file.
        groups: grouping, then metric.
        calibration: ``error`` as the file stands, ``error_at_0.001`` re-weighted, and ``error`` of
            each kind; empty without curves.
    """

    p: float
    resamples: int
    tallies: Mapping[str, counts.Tally]
    other_labels: Mapping[str, counts.Tally]
    first_kinds: Mapping[str, Mapping[str, int]]
    figures: Mapping[str, Figure]
    precision_at: Mapping[str, Figure]
    precision_unknown_adults: Mapping[str, Figure]
    by_label: Mapping[str, Mapping[str, Figure]]
    groups: Mapping[str, Mapping[str, GroupFigures]]
    calibration: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def enough_for_headline(self) -> bool:
        """Whether the file is large and varied enough for headline figures."""
        return counts.enough_for_headline(self.tallies["positive"])

    def flat(self) -> dict[str, Figure]:
        """Every overall figure under one name, as gates and comparisons use them."""
        nested = {
            "precision_at": self.precision_at,
            "precision_unknown_adults": self.precision_unknown_adults,
            "calibration": self.calibration,
            **{f"by_label.{label}": own for label, own in self.by_label.items()},
        }
        inner = {f"{name}.{key}": fig for name, own in nested.items() for key, fig in own.items()}
        return {**self.figures, **inner}

    def to_json(self) -> dict[str, Any]:
        """One JSON object with the headline metrics at the top level."""
        return {
            **_plain(self.figures),
            "p": self.p,
            "m": half_patience(self.p),
            "resamples": self.resamples,
            "precision_at": _plain(self.precision_at),
            "precision_unknown_adults": _plain(self.precision_unknown_adults),
            "by_label": {label: _plain(own) for label, own in self.by_label.items()},
            "groups": {
                name: {metric: split.to_json() for metric, split in own.items()}
                for name, own in self.groups.items()
            },
            "calibration": _plain(self.calibration),
            "counts": {name: own.to_json() for name, own in self.tallies.items()},
            "other_labels": {name: own.to_json() for name, own in self.other_labels.items()},
            "first_kinds": {label: dict(own) for label, own in self.first_kinds.items()},
            "enough_for_headline": self.enough_for_headline,
        }


def _plain(own: Mapping[str, Figure]) -> dict[str, Any]:
    return {name: figure.to_json() for name, figure in own.items()}


def evaluate(
    outcomes: Sequence[Outcome],
    *,
    rng: np.random.Generator,
    curves: Mapping[str, Curve] | None = None,
    p: float = DEFAULT_P,
    resamples: int = RESAMPLES,
) -> Evaluation:
    """Measure one detector on one file.

    Args:
        outcomes: joined truth and scores (`join`).
        rng: seeded generator; the same seed gives the same intervals.
        curves: message-level risk by conversation id, for calibration.
        p: patience of speed and F-latency, per message, above 0.
        resamples: bootstrap resamples, at least 1.

    Raises:
        UsageError: ``p`` or ``resamples`` out of range.
    """
    check_settings(p, resamples)
    metrics = catalogue(p)
    splits = {
        (grouping, metric): split(outcomes, grouping, metric)
        for grouping in GROUPINGS
        for metric in GROUP_METRICS
    }
    statistics = {
        **_prefixed("figures", {metric.name: metric.compute(outcomes) for metric in metrics}),
        **_precision(outcomes),
        **_labels(outcomes, metrics),
        **_groups(splits),
        **_prefixed("calibration", _calibration(outcomes, curves or {})),
    }
    worked = figures(statistics, partition(outcomes), rng, resamples)
    return Evaluation(
        p=p,
        resamples=resamples,
        tallies=counts.tallies(outcomes),
        other_labels=counts.other_labels(outcomes),
        first_kinds=counts.first_kinds(outcomes),
        figures=_under(worked, "figures"),
        precision_at=_under(worked, "precision_at"),
        precision_unknown_adults=_under(worked, "unknown_adults"),
        by_label={label: own for label in RISKS if (own := _under(worked, f"by_label/{label}"))},
        groups={
            grouping: {
                metric: GroupFigures(
                    groups=_under(worked, f"groups/{grouping}/{metric}"),
                    worst=splits[grouping, metric].worst,
                    gap=worked.get(f"gap/{grouping}/{metric}"),
                )
                for metric in GROUP_METRICS
            }
            for grouping in GROUPINGS
        },
        calibration=_under(worked, "calibration"),
    )


def check_settings(p: float, resamples: int) -> None:
    """Refuse impossible settings.

    Raises:
        UsageError: ``p`` is not a number above 0, or ``resamples`` below 1.
    """
    if not 0.0 < p < float("inf"):
        raise UsageError("p must be a number above 0")
    if resamples < 1:
        raise UsageError("resamples must be at least 1")


def _prefixed(prefix: str, own: Mapping[str, Statistic]) -> dict[str, Statistic]:
    return {f"{prefix}/{name}": statistic for name, statistic in own.items()}


def _under(worked: Mapping[str, Figure], prefix: str) -> dict[str, Figure]:
    start = prefix + "/"
    return {
        name.removeprefix(start): figure
        for name, figure in worked.items()
        if name.startswith(start)
    }


def _precision(outcomes: Sequence[Outcome]) -> dict[str, Statistic]:
    stated = {f"{rate:g}": precision_at(outcomes, base_rate=rate) for rate in BASE_RATES}
    scenario = {
        f"{share:g}": precision_at(outcomes, base_rate=scenario_rate(share))
        for share in UNKNOWN_ADULTS
    }
    return {**_prefixed("precision_at", stated), **_prefixed("unknown_adults", scenario)}


def _labels(outcomes: Sequence[Outcome], metrics: Sequence[Metric]) -> dict[str, Statistic]:
    wanted = [metric for metric in metrics if metric.name in LABEL_METRICS]
    present = {outcome.label for outcome in outcomes}
    return {
        f"by_label/{label}/{metric.name}": by_label(outcomes, label, metric.compute)
        for label in RISKS
        if label in present
        for metric in wanted
    }


def _groups(splits: Mapping[tuple[str, str], Split]) -> dict[str, Statistic]:
    found: dict[str, Statistic] = {}
    for (grouping, metric), own in splits.items():
        found |= _prefixed(f"groups/{grouping}/{metric}", own.groups)
        if own.gap is not None:
            found[f"gap/{grouping}/{metric}"] = own.gap
    return found


def _calibration(outcomes: Sequence[Outcome], curves: Mapping[str, Curve]) -> dict[str, Statistic]:
    if not curves:
        return {}
    of = partial(calibration_error, outcomes, curves)
    kinds = {f"error.{kind}": of(kinds=(kind,)) for kind in RISKS}
    return {"error": of(), f"error_at_{BASE_RATE:g}": of(base_rate=BASE_RATE), **kinds}

"""Differences between groups: whom does the detector serve worst?

Source: DESIGN.md, section 7, and the issue: age band, relationship, and language tag as a smoke
check for varieties of English. For each group the recall before harm and the false nudges; the
worst group is named, with its gap to everybody else in the same resamples. Choosing the worst of
several makes its gap look larger than it is: read the interval, and confirm on new data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nudge_harness.metrics.build import among, where
from nudge_harness.metrics.false_nudges import false_per_1000
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.recall_before_harm import recall_before_harm
from nudge_harness.metrics.statistic import Among, Derived, Statistic
from nudge_sdk.values import AGE_BANDS, RELATIONSHIPS

UNKNOWN: Final = "unknown"
_ORDER: Final = (*AGE_BANDS, *RELATIONSHIPS)
SMALLEST: Final = 30  # conversations; a smaller group is shown and never named the worst

GROUPINGS: Final[Mapping[str, Callable[[Outcome], str | None]]] = {
    "age_band": lambda outcome: outcome.age_band,
    "relationship": lambda outcome: outcome.relationship,
    "lang": lambda outcome: outcome.lang,
}
"""Grouping name to the group of an outcome; ``None`` becomes the group ``unknown``."""

GROUP_METRICS: Final[Mapping[str, tuple[Callable[[Sequence[Outcome]], Statistic], bool]]] = {
    "recall_before_harm": (recall_before_harm, True),
    "false_per_1000": (false_per_1000, False),
}
"""Metric name to the metric and whether higher is better."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """One metric over one grouping, before intervals.

    Attributes:
        groups: each group's statistic, young to old or in order of name, ``unknown`` last.
        worst: the group that is served worst; ``None`` with fewer than two groups to compare.
        gap: the worst group's figure less everybody else's; ``None`` without a worst group.
    """

    groups: Mapping[str, Statistic]
    worst: str | None
    gap: Statistic | None


def split(outcomes: Sequence[Outcome], grouping: str, metric: str) -> Split:
    """A metric of `GROUP_METRICS` for each group of a grouping of `GROUPINGS`."""
    compute, higher = GROUP_METRICS[metric]
    group_of = GROUPINGS[grouping]
    member = [group_of(outcome) or UNKNOWN for outcome in outcomes]
    names = sorted(set(member), key=_order)
    masks = {name: np.array([own == name for own in member]) for name in names}
    groups = {name: among(outcomes, mask, compute) for name, mask in masks.items()}
    shown = {name: group for name, group in groups.items() if group.counted.any()}
    worst = _worst(shown, higher)
    if worst is None:
        return Split(groups=shown, worst=None, gap=None)
    rest = among(outcomes, ~masks[worst], compute)
    own = shown[worst]
    gap = Derived(parts=(own, rest), combine=np.subtract, counted=own.counted | rest.counted)
    return Split(groups=shown, worst=worst, gap=gap)


def _order(name: str) -> tuple[bool, int, str]:
    """Age bands by age, relationships by closeness, everything else by name, ``unknown`` last."""
    place = _ORDER.index(name) if name in _ORDER else len(_ORDER)
    return name == UNKNOWN, place, name


def _worst(groups: Mapping[str, Among], higher_is_better: bool) -> str | None:
    values = {
        name: float(group.under(np.ones((1, len(group.counted))))[0])
        for name, group in groups.items()
        if name != UNKNOWN and int(group.counted.sum()) >= SMALLEST
    }
    if len(values) < 2 or len(set(values.values())) < 2:
        return None
    return (min if higher_is_better else max)(values, key=lambda name: values[name])


def by_label(
    outcomes: Sequence[Outcome], label: str, compute: Callable[[Sequence[Outcome]], Statistic]
) -> Among:
    """A metric over the conversations of one label only."""
    return among(outcomes, where(outcomes, lambda o: o.label == label), compute)

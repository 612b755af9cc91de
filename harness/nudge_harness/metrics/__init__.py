"""The metrics: one file each, pure functions from outcomes to a statistic.

Reading order: `outcome` (what is measured), `statistic` (how a figure and its interval share one
definition), any metric, `uncertainty` (how intervals are made), `catalogue` (the list).
"""

from __future__ import annotations

from nudge_harness.metrics.catalogue import Metric, catalogue
from nudge_harness.metrics.join import JoinError, join, outcome_of
from nudge_harness.metrics.outcome import Given, Outcome
from nudge_harness.metrics.statistic import Figure, Statistic
from nudge_harness.metrics.uncertainty import figures, partition

__all__ = [
    "Figure",
    "Given",
    "JoinError",
    "Metric",
    "Outcome",
    "Statistic",
    "catalogue",
    "figures",
    "join",
    "outcome_of",
    "partition",
]

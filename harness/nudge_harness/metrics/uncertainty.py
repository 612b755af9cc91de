"""Intervals: resample scenario families first, then the conversations within them.

Ten thousand chats written from ten families are about ten samples, not ten thousand, so the unit
that is drawn is the family (DESIGN.md, section 7). This is the two-stage bootstrap of Davison and
Hinkley, *Bootstrap Methods and their Application* (1997), section 3.8: clusters with replacement,
then members with replacement inside each drawn cluster. It is slightly too wide rather than too
narrow when a family's conversations are alike.

* A conversation without a family is a cluster of its own.
* Clusters are drawn within strata of what they hold (positives, benign, others), because how many
  risky chats a file holds is somebody's choice and not chance. No resample loses a class.
* Intervals are percentiles of the resampled figures at 95 %.
* Resampling "0 of 40" gives 0 for ever. There the open end is the exact binomial limit with the
  number of clusters as its sample size, ``1 - 0.025 ** (1 / clusters)`` (Clopper and Pearson 1934
  at zero hits), never the number of conversations.
* Under two clusters there is no interval: one family says nothing about the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Figure, Floats, Statistic

Ints: TypeAlias = npt.NDArray[np.int64]

TAIL: Final = 0.025  # share left out at each end: 95 % intervals
RESAMPLES: Final = 1000  # percentiles at 2.5 % then rest on 25 resamples a side
_CHUNK: Final = 4_000_000  # weights held at once: 32 MB


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """The one answer to "which conversations belong together".

    Attributes:
        cluster: int64 ``(n,)``, the cluster of each conversation, from 0 and in stratum order.
        members: int64 ``(n,)``, conversations sorted by cluster.
        start, size: int64 ``(c,)``, where each cluster lies in ``members``.
        first, peers: int64 ``(c,)``, first cluster and number of clusters of the own stratum.
    """

    cluster: Ints
    members: Ints
    start: Ints
    size: Ints
    first: Ints
    peers: Ints


def partition(outcomes: Sequence[Outcome]) -> Partition:
    """Clusters and strata of the outcomes."""
    named: dict[str, int] = {}
    holds: list[int] = []
    raw = np.zeros(len(outcomes), dtype=np.int64)
    for i, outcome in enumerate(outcomes):
        if outcome.family is None:
            raw[i] = len(holds)
            holds.append(0)
        else:
            raw[i] = named.setdefault(outcome.family, len(holds))
            if raw[i] == len(holds):
                holds.append(0)
        holds[raw[i]] |= 1 if outcome.positive else 2 if outcome.benign else 4
    stratum = np.array(holds, dtype=np.int64)
    by_stratum = np.argsort(stratum, kind="stable")
    renumber = np.empty_like(by_stratum)
    renumber[by_stratum] = np.arange(len(by_stratum))
    cluster = renumber[raw]
    size = np.bincount(cluster, minlength=len(holds))
    _, first, place, peers = np.unique(
        stratum[by_stratum], return_index=True, return_inverse=True, return_counts=True
    )
    return Partition(
        cluster=cluster,
        members=np.argsort(cluster, kind="stable"),
        start=np.cumsum(size) - size,
        size=size,
        first=first[place],
        peers=peers[place],
    )


def resample(parts: Partition, count: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Weights of ``count`` resamples, in chunks.

    Args:
        parts: the clusters.
        count: number of resamples, at least 1.
        rng: the only source of chance.

    Yields:
        float64 ``(b, n)``: how often each conversation was drawn in each of ``b`` resamples.
    """
    n = len(parts.cluster)
    rows = max(1, _CHUNK // max(n, 1))
    for begin in range(0, count, rows):
        chunk = np.empty((min(rows, count - begin), n))
        for row in chunk:
            row[parts.members] = _draw(parts, rng)
        yield chunk


def _draw(parts: Partition, rng: np.random.Generator) -> Ints:
    """How often each entry of ``members`` is drawn in one resample, int64 ``(n,)``."""
    drawn = parts.first + (rng.random(len(parts.first)) * parts.peers).astype(np.int64)
    size = np.repeat(parts.size[drawn], parts.size[drawn])
    start = np.repeat(parts.start[drawn], parts.size[drawn])
    return np.bincount(
        start + (rng.random(len(size)) * size).astype(np.int64), minlength=len(parts.members)
    )


def figures(
    statistics: Mapping[str, Statistic],
    parts: Partition,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> dict[str, Figure]:
    """Every statistic with its interval, all from the same resamples.

    Args:
        statistics: by name, all over the conversations of ``parts``.
        parts: the clusters.
        rng: seeded generator.
        resamples: number of resamples, at least 1.

    Returns:
        A figure for each name, in the order given.
    """
    drawn: dict[str, list[Floats]] = {name: [] for name in statistics}
    for weights in resample(parts, resamples, rng):
        for name, statistic in statistics.items():
            drawn[name].append(statistic.under(weights))
    return {
        name: _figure(statistic, np.concatenate(drawn[name]), parts)
        for name, statistic in statistics.items()
    }


def _figure(statistic: Statistic, drawn: Floats, parts: Partition) -> Figure:
    n = int(statistic.counted.sum())
    value = float(statistic.under(np.ones((1, len(parts.cluster))))[0]) if n else np.nan
    if np.isnan(value):
        return Figure(value=None, low=None, high=None, n=n)
    defined = drawn[~np.isnan(drawn)]
    if clusters_of(parts, statistic.counted) < 2 or 2 * len(defined) < len(drawn):
        return Figure(value=value, low=None, high=None, n=n)
    low, high = (float(end) for end in np.quantile(defined, [TAIL, 1.0 - TAIL]))
    reach = statistic.edge(lambda mask: 1.0 - TAIL ** (1.0 / clusters_of(parts, mask)))
    return Figure(
        value=value,
        low=min(low, value, value if reach.low is None else reach.low),
        high=max(high, value, value if reach.high is None else reach.high),
        n=n,
    )


def clusters_of(parts: Partition, counted: npt.NDArray[np.bool_]) -> int:
    """Number of clusters among the counted conversations."""
    return len(np.unique(parts.cluster[counted]))

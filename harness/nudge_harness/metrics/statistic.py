"""One definition for the figure and for its interval.

A metric turns outcomes into a `Statistic`. A statistic can be worked out under *weights*: how many
times each conversation is counted. All ones give the figure; the counts of a bootstrap resample
give one resampled figure. So no metric is written twice, and a thousand resamples cost a matrix
product.

`Sums` covers everything that is a function of weighted sums (shares, rates, F1, precision,
calibration error); `Median` and `Derived` cover the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Floor: TypeAlias = Callable[[Mask], float]


class Limits(NamedTuple):
    """How far an interval has to reach at least; ``None`` where resampling shows it."""

    low: float | None
    high: float | None


NO_LIMITS: Final = Limits(low=None, high=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A number with its uncertainty.

    Attributes:
        value: the figure; ``None`` when it rests on nothing (``n`` is 0).
        low, high: the 95 % interval; ``None`` when there is nothing to resample (no value, or one
            scenario family only).
        n: conversations that the figure rests on.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, float | int | None]:
        """The figure as a JSON object."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


class Statistic(Protocol):
    """A metric of given outcomes, ready to be worked out under any weights."""

    @property
    def counted(self) -> Mask:
        """Which conversations the figure rests on, bool ``(n,)``."""

    def under(self, weights: Floats) -> Floats:
        """The figure under each row of weights.

        Args:
            weights: float64 ``(b, n)``, whole numbers from 0.

        Returns:
            float64 ``(b,)``; NaN where the figure is undefined.
        """

    def edge(self, floor: Floor, /) -> Limits:
        """Limits that the interval must reach where a resample cannot show them.

        Resampling 0 hits out of 40 gives 0 each time, which is not certainty. ``floor`` gives, for
        a mask of conversations, the largest share that zero hits among them cannot rule out.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """A function of weighted sums.

    Attributes:
        columns: float64 ``(n, c)``, what each conversation adds.
        finish: float64 ``(b, c)`` sums to float64 ``(b,)``.
        counted: bool ``(n,)``.
        limits: as `Statistic.edge`; ``None``: resampling is enough.
    """

    columns: Floats
    finish: Callable[[Floats], Floats]
    counted: Mask
    limits: Callable[[Floor], Limits] | None = None

    def under(self, weights: Floats) -> Floats:
        """The figure under each row of weights."""
        return self.finish(weights @ self.columns)

    def edge(self, floor: Floor, /) -> Limits:
        """Limits from ``limits``, or none."""
        return NO_LIMITS if self.limits is None else self.limits(floor)


@dataclass(frozen=True, kw_only=True, slots=True)
class Median:
    """Median of one value per counted conversation; of an even number, the mean of the middle two.

    Attributes:
        values: float64 ``(n,)``; entries that are not counted are ignored.
        counted: bool ``(n,)``.
    """

    values: Floats
    counted: Mask

    def under(self, weights: Floats) -> Floats:
        """The median of the values, each repeated as often as its weight says."""
        index = np.flatnonzero(self.counted)
        if not index.size:
            return np.full(len(weights), np.nan)
        order = index[np.argsort(self.values[index], kind="stable")]
        reached = np.cumsum(weights[:, order], axis=1)
        total = reached[:, -1]
        ordered = self.values[order]

        def at(rank: Floats) -> Floats:
            place = (reached <= rank[:, None]).sum(axis=1)
            found: Floats = ordered[np.minimum(place, len(ordered) - 1)]
            return found

        middle = (at((total - 1) // 2) + at(total // 2)) / 2
        return np.where(total > 0, middle, np.nan)

    def edge(self, _floor: Floor, /) -> Limits:
        """None: a median has no natural end that resampling cannot show."""
        return NO_LIMITS


@dataclass(frozen=True, kw_only=True, slots=True)
class Derived:
    """A function of other statistics, all under the same weights.

    Attributes:
        parts: the statistics.
        combine: their values, each float64 ``(b,)``, to float64 ``(b,)``.
        counted: bool ``(n,)``.
    """

    parts: tuple[Statistic, ...]
    combine: Callable[..., Floats]
    counted: Mask

    def under(self, weights: Floats) -> Floats:
        """The combination under each row of weights."""
        return self.combine(*(part.under(weights) for part in self.parts))

    def edge(self, _floor: Floor, /) -> Limits:
        """None: the parts answer for themselves."""
        return NO_LIMITS


@dataclass(frozen=True, kw_only=True, slots=True)
class Among:
    """A statistic of a subset of the conversations, placed among all of them.

    Attributes:
        part: the statistic of the subset.
        index: int64 ``(m,)``, where the subset's conversations stand among all.
        counted: bool ``(n,)``.
    """

    part: Statistic
    index: npt.NDArray[np.int64]
    counted: Mask

    def under(self, weights: Floats) -> Floats:
        """The subset's figure under each row of weights."""
        return self.part.under(weights[:, self.index])

    def edge(self, floor: Floor, /) -> Limits:
        """The subset's own limits."""

        def among_all(mask: Mask) -> float:
            chosen = np.zeros(len(self.counted), dtype=np.bool_)
            chosen[self.index] = mask
            return floor(chosen)

        return self.part.edge(among_all)

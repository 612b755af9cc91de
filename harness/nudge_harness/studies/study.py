"""What a study is: axes, cells, one function that measures a cell, and what the figures say.

A study is declared, not programmed: it lists its cells, each a point on some axes, and names one
pure function that measures a cell. Caching, resuming, processes, clusters, the progress bar, the
record and the page belong to `running` and `page` and are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nudge_harness.metrics.catalogue import Direction, Unit
from nudge_harness.metrics.statistic import Figure
from nudge_harness.report.charts import Chart
from nudge_harness.studies.bench import Bench

Cell: TypeAlias = Mapping[str, str]
"""A point of a study: level by axis, all as text, so that it can be a key and a row of a table."""

Figures: TypeAlias = Mapping[str, Figure]
"""What is measured at a cell, by column name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One figure of every cell.

    Attributes:
        name: stable key in ``results.json``.
        title: for people.
        unit: how to show it.
        direction: which way is better.
        meaning: one plain sentence.
    """

    name: str
    title: str
    unit: Unit
    direction: Direction
    meaning: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A measured cell."""

    cell: Cell
    figures: Figures

    def value(self, column: str) -> float | None:
        """The figure of a column; ``None`` when it rests on nothing or is not of this cell."""
        figure = self.figures.get(column)
        return None if figure is None else figure.value


Points: TypeAlias = Sequence[Point]


def _nothing(_: Bench) -> None:
    """Nothing to prepare."""


def _no_charts(_: Points) -> list[tuple[Chart, str]]:
    return []


def _no_words(_: Points) -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True, slots=True)
class Study:
    """A study.

    Attributes:
        name: as the command names it.
        title: for people.
        question: what it answers, one or two sentences.
        axes: axis name to its title, in reading order; every cell has a level on each.
        columns: what is measured, in reading order.
        cells: the points to measure; cheap, and the same for the same bench.
        measure: one cell; a function of a module, so that a worker can import it, and pure but for
            the bench's folder.
        prepare: what several cells share, done once before them; resumable, too.
        charts: pictures with their captions; the first is the study's own.
        says: what the figures say, sentence by sentence, worked out from them.
        notes: how it was measured, and what it does not show.
    """

    name: str
    title: str
    question: str
    axes: Mapping[str, str]
    columns: tuple[Column, ...]
    cells: Callable[[Bench], Sequence[Cell]]
    measure: Callable[[Bench, Cell], Figures]
    prepare: Callable[[Bench], None] = _nothing
    charts: Callable[[Points], list[tuple[Chart, str]]] = _no_charts
    says: Callable[[Points], list[str]] = _no_words
    notes: tuple[str, ...] = field(default_factory=tuple)


def found(points: Points, **levels: str) -> Point | None:
    """The first point with these levels."""
    wanted = levels.items()
    return next((own for own in points if wanted <= own.cell.items()), None)


def point_to(point: Point) -> dict[str, Any]:
    """The object of one cell in ``results.json``."""
    return {
        "cell": dict(point.cell),
        "figures": {name: own.to_json() for name, own in point.figures.items()},
    }


def point_from(value: Mapping[str, Any]) -> Point:
    """Read it back."""
    figures = {name: Figure(**own) for name, own in value["figures"].items()}
    return Point(cell=value["cell"], figures=figures)

"""The figures of a run in the terminal: one column for each choice of signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich import box
from rich.table import Table

from nudge_harness.metrics.catalogue import Metric, catalogue
from nudge_harness.metrics.evaluation import Evaluation
from nudge_harness.report import words
from nudge_harness.report.terminal import table
from nudge_harness.report.views import holds, notes

FIRST: Final = ("recall_before_harm", "right_kind", "false_per_1000", "f_latency")
"""What is read first; the terminal shows these bold, the plain table these alone."""


def drawn(evaluations: Mapping[str, Evaluation]) -> Table:
    """A table for a terminal, the intervals of the first column beside it."""
    first = next(iter(evaluations.values()))
    grid = Table(
        title=holds(first),
        caption=" ".join(notes(first)) or None,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    names = list(evaluations)
    grid.add_column("")
    for name in (names[0], "95 % interval", *names[1:]):
        grid.add_column(name, justify="right", no_wrap=True)
    for metric in catalogue(first.p):
        style = "bold" if metric.name in FIRST else None
        grid.add_row(metric.title, *_cells(metric, evaluations), style=style)
    return grid


def by_signals(evaluations: Mapping[str, Evaluation]) -> str:
    """The first figures side by side, as plain text."""
    names = list(evaluations)
    first = next(iter(evaluations.values()))
    rows = [
        (metric.title, *_cells(metric, evaluations))
        for metric in catalogue(first.p)
        if metric.name in FIRST
    ]
    return table([("By signals", names[0], "95 % interval", *names[1:]), *rows])


def _cells(metric: Metric, evaluations: Mapping[str, Evaluation]) -> tuple[str, ...]:
    figures = [own.figures[metric.name] for own in evaluations.values()]
    shown = [words.shown(figure, metric.unit) for figure in figures]
    return (shown[0], words.between(figures[0], metric.unit), *shown[1:])

"""``groups``: whom does the detector serve worst?

One cell a group of `nudge_harness.metrics.groups`, and one a kind of risk; the gap is a group's
figure less everybody else's, in the same resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from nudge_harness.metrics.build import among, where
from nudge_harness.metrics.false_nudges import false_per_1000
from nudge_harness.metrics.groups import GROUPINGS, UNKNOWN
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.recall_before_harm import recall_before_harm
from nudge_harness.metrics.statistic import Derived, Statistic
from nudge_harness.metrics.uncertainty import figures, partition
from nudge_harness.report import words
from nudge_harness.report.charts import Chart
from nudge_harness.studies import variants
from nudge_harness.studies.bench import RESAMPLES, Bench
from nudge_harness.studies.pictures import Row, dots
from nudge_harness.studies.study import Cell, Column, Figures, Points, Study

_SHORT: Final = 20  # messages; about half of the generated chats are shorter
_OF: Final[dict[str, Callable[[Outcome], str | None]]] = {
    **GROUPINGS,
    "length": lambda own: "short" if own.messages < _SHORT else "long",
    "kind": lambda own: own.label if own.positive else None,
}
SMALLEST: Final = 30  # risky chats; a smaller group is shown and never named the worst
_COMPUTE: Final[dict[str, Callable[[Sequence[Outcome]], Statistic]]] = {
    "recall_before_harm": recall_before_harm,
    "false_per_1000": false_per_1000,
}


def cells(bench: Bench) -> list[Cell]:
    """Every group of the test conversations."""
    outcomes = variants.usual(bench)
    return [
        {"grouping": grouping, "group": group}
        for grouping, of in _OF.items()
        for group in sorted({of(own) or UNKNOWN for own in outcomes})
        if not (grouping == "kind" and group == UNKNOWN)
    ]


def measure(bench: Bench, cell: Cell) -> Figures:
    """Figures of the group, and its gap to everybody else."""
    outcomes, of = variants.usual(bench), _OF[cell["grouping"]]
    inside = where(outcomes, lambda own: (of(own) or UNKNOWN) == cell["group"])
    statistics: dict[str, Statistic] = {}
    for name, compute in _COMPUTE.items():
        own, rest = among(outcomes, inside, compute), among(outcomes, ~inside, compute)
        statistics[name] = own
        statistics[f"gap_{name}"] = Derived(
            parts=(own, rest), combine=np.subtract, counted=own.counted
        )
    rng = np.random.default_rng(bench.seed)
    return figures(statistics, partition(outcomes), rng, RESAMPLES)


def charts(points: Points) -> list[tuple[Chart, str]]:
    """Recall of every group."""
    rows = [
        Row(
            name=f"{own.cell['grouping'].replace('_', ' ')}: {words.plain(own.cell['group'])}",
            figure=own.figures["recall_before_harm"],
            ink="muted" if own.cell["group"] == UNKNOWN else "good",
        )
        for own in points
    ]
    chart = dots(rows, unit="share", title="risky chats warned before the harm")
    return [] if chart is None else [(chart, "Risky chats warned before the harm, by group.")]


def says(points: Points) -> list[str]:
    """The worst group of every grouping, with its gap."""
    sentences = []
    for grouping in _OF:
        known = [
            own
            for own in points
            if own.cell["grouping"] == grouping
            and own.cell["group"] != UNKNOWN
            and own.figures["recall_before_harm"].n >= SMALLEST
        ]
        if len(known) < 2:
            continue
        worst = min(known, key=lambda own: own.value("recall_before_harm") or 0.0)
        gap = worst.figures["gap_recall_before_harm"]
        sentences.append(
            f"{grouping.replace('_', ' ').capitalize()}: least often warned in time is "
            f"{words.plain(worst.cell['group'])} "
            f"({words.shown(worst.figures['recall_before_harm'], 'share')}; "
            f"{words.change(gap, 'share')} against the others, {words.between(gap, 'share')})."
        )
    return sentences


def _column(name: str, title: str, *, share: bool, gap: bool) -> Column:
    return Column(
        name=name,
        title=title,
        unit="share" if share else "per 1,000",
        direction="neither" if gap else "higher" if share else "lower",
        meaning="The group's figure less everybody else's." if gap else "Of this group's chats.",
    )


STUDY: Final = Study(
    name="groups",
    title="Is anyone served worse?",
    question="By age, by who the contact is, by language tag, by length and kind of risk: who is "
    "warned least often, and who is bothered most?",
    axes={"grouping": "Grouping", "group": "Group"},
    columns=(
        _column("recall_before_harm", "Warned before harm", share=True, gap=False),
        _column("gap_recall_before_harm", "Gap", share=True, gap=True),
        _column("false_per_1000", "False nudges", share=False, gap=False),
        _column("gap_false_per_1000", "Gap: false nudges", share=False, gap=True),
    ),
    cells=cells,
    measure=measure,
    prepare=variants.prepare,
    charts=charts,
    says=says,
    notes=(
        (
            "The worst of several groups looks worse than it is: read the interval, and confirm on "
            "new data."
        ),
        "Groups are those of generated chats: a smoke check, no study of people.",
    ),
)

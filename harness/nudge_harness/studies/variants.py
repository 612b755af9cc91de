"""Studies of one model under changed circumstances: each cell is one variant, beside the usual.

Robustness, ablation and others have this shape: the same test conversations, heard under other
settings or rewritten, measured by the same figures, and compared with the usual in pairs, so that
what is hard for both cancels out. What the usual run found is kept beside the cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from nudge_harness.formats import Conversation
from nudge_harness.formats.lines import write_lines
from nudge_harness.metrics.catalogue import catalogue
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.statistic import Derived, Statistic
from nudge_harness.metrics.stored import outcome_to, read_outcomes
from nudge_harness.metrics.uncertainty import figures, partition
from nudge_harness.replay import Settings
from nudge_harness.report.charts import Chart
from nudge_harness.studies.bench import RESAMPLES, Bench, chats_of, make_chats, outcomes_of, whole
from nudge_harness.studies.pictures import Row, dots
from nudge_harness.studies.study import Column, Figures, Point, Points, found

USUAL: Final = "usual"
METRICS: Final = ("recall_before_harm", "early_recall", "false_per_1000", "f_latency")
Chats = Iterable[Conversation]


def prepare(bench: Bench) -> None:
    """The test conversations, and the usual run over them."""
    make_chats(bench, "test")
    usual(bench)


def usual(bench: Bench) -> list[Outcome]:
    """Outcomes of the shipped model on the test side as it stands."""
    path = bench.folder / "cells" / f"usual-{bench.key(usual=True)}.jsonl"

    def write(target: object) -> None:
        own = outcomes_of(bench, chats_of(bench, "test"), Settings())
        write_lines(str(target), map(outcome_to, own))

    return read_outcomes(whole(path, write))


def variant(
    bench: Bench,
    settings: Settings | None = None,
    rewrite: Callable[[Chats], Chats] = iter,
) -> Figures:
    """Figures of one variant, and its change against the usual.

    Args:
        bench: where, and on how much.
        settings: of the replay; ``None`` for the usual ones.
        rewrite: changes conversations, one by one; ids, labels and their number stay.
    """
    before = usual(bench)
    if settings is None and rewrite is iter:
        return compared(bench, before, before)
    chats = rewrite(chats_of(bench, "test"))
    return compared(bench, outcomes_of(bench, chats, settings or Settings()), before)


def compared(bench: Bench, after: Sequence[Outcome], before: Sequence[Outcome]) -> Figures:
    """Figures of some outcomes, and their change against others of the same conversations."""
    statistics: dict[str, Statistic] = {}
    for metric in catalogue():
        if metric.name in METRICS:
            own, other = metric.compute(after), metric.compute(before)
            both = own.counted | other.counted
            statistics[metric.name] = own
            statistics[f"change_{metric.name}"] = Derived(
                parts=(own, other), combine=np.subtract, counted=both
            )
    rng = np.random.default_rng(bench.seed)
    return figures(statistics, partition(after), rng, RESAMPLES)


def columns() -> tuple[Column, ...]:
    """The figures of `variant`."""
    known = [metric for metric in catalogue() if metric.name in METRICS]
    plain = [
        Column(
            name=own.name, title=own.title, unit=own.unit, direction=own.direction,
            meaning=own.meaning,
        )
        for own in known
    ]  # fmt: skip
    changes = [
        Column(
            name=f"change_{own.name}",
            title=f"Change: {own.title.lower()}",
            unit=own.unit,
            direction=own.direction,
            meaning="Against the usual, on the same conversations, with a paired interval.",
        )
        for own in known
        if own.name in ("recall_before_harm", "false_per_1000")
    ]
    return (*plain, *changes)


def charts(axis: str, titles: Mapping[str, str]) -> Callable[[Points], list[tuple[Chart, str]]]:
    """Recall and false nudges, variant by variant."""

    def drawn(points: Points) -> list[tuple[Chart, str]]:
        pictures = []
        for name, caption in (
            ("recall_before_harm", "Risky chats warned before the harm."),
            ("false_per_1000", "Benign chats nudged, per 1,000."),
        ):
            rows = [_row(own, axis, titles, name) for own in points]
            unit = "share" if name == "recall_before_harm" else "per 1,000"
            chart = dots(rows, unit=unit, title=caption.rstrip("."))  # type: ignore[arg-type]
            if chart is not None:
                pictures.append((chart, caption))
        return pictures

    return drawn


def _row(point: Point, axis: str, titles: Mapping[str, str], name: str) -> Row:
    level = point.cell[axis]
    ink = "muted" if level == USUAL else "good"
    return Row(name=titles.get(level, level), figure=point.figures[name], ink=ink)


def says(axis: str, titles: Mapping[str, str], cost: str) -> Callable[[Points], list[str]]:
    """What costs most, and what costs nothing that can be told from chance."""

    def said(points: Points) -> list[str]:
        as_is = found(points, **{axis: USUAL})
        others = [own for own in points if own.value("change_recall_before_harm") is not None]
        others = [own for own in others if own.cell[axis] != USUAL]
        if as_is is None or not others:
            return []
        worst = min(others, key=lambda own: own.value("change_recall_before_harm") or 0.0)
        change = worst.figures["change_recall_before_harm"]
        sentences = [
            (
                f"As it is, {_share(as_is.value('recall_before_harm'))} % of risky chats are "
                "warned before the harm."
            ),
            (
                f"{cost}: {titles[worst.cell[axis]]} ({_share(change.value)} points, 95 % interval "
                f"{_share(change.low)} to {_share(change.high)})."
            ),
        ]
        clear = [own for own in others if _clear(own)]
        sentences.append(f"Of {len(others)} variants, {len(clear)} warn fewer, beyond chance.")
        return sentences

    return said


def _clear(point: Point) -> bool:
    high = point.figures["change_recall_before_harm"].high
    return high is not None and high < 0.0


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}".replace("-", "−")

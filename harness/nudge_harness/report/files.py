"""From files to a report: the second pass that gathers what the error explorer shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nudge_harness.errors import FormatError
from nudge_harness.evaluate import Evaluated
from nudge_harness.formats import read_conversations, read_traces
from nudge_harness.gates import Row
from nudge_harness.metrics.calibration import BASE_RATE, points_of, reliability
from nudge_harness.metrics.evaluation import Evaluation
from nudge_harness.report.explorer import explore
from nudge_harness.report.page import Report, render
from nudge_harness.results import Provenance

REPORT = "report.html"


def report_of(
    evaluated: Evaluated,
    *,
    title: str,
    provenance: Provenance,
    truth: str | Path,
    trace: str | Path | None = None,
    generated: bool = False,
    beside: Mapping[str, Evaluation] | None = None,
    gates: Sequence[Row] = (),
) -> Report:
    """Everything that a page shows.

    Args:
        evaluated: from `evaluate_files` on the same files.
        title: what was run, in words.
        provenance: where the figures come from.
        truth: the conversations; read once more for those that the explorer shows.
        trace: message-level risk; without it the explorer has no curves.
        generated: whether the chats are made up. Only then is text shown.
        beside: baselines by name, as evaluations of the same conversations.
        gates: how they went.

    Raises:
        FormatError: a file cannot be read any more.
    """
    outcomes, curves = evaluated.outcomes, evaluated.curves
    return Report(
        title=title,
        evaluation=evaluated.evaluation,
        outcomes=outcomes,
        provenance=provenance,
        cases=explore(
            outcomes,
            curves,
            conversations=read_conversations(truth, keep_going=evaluated.skipped > 0),
            traces=() if trace is None else read_traces(trace),
            generated=generated,
        ),
        bins=(
            reliability(points_of(outcomes, curves)),
            reliability(points_of(outcomes, curves, base_rate=BASE_RATE)),
        ),
        beside=beside or {},
        differences=evaluated.differences,
        gates=gates,
    )


def write_report(path: str | Path, report: Report, rng: np.random.Generator) -> None:
    """Render and write one HTML file.

    Args:
        path: the file.
        report: what to show.
        rng: seeded generator, for the bands of the curves.

    Raises:
        FormatError: it cannot be written.
    """
    try:
        Path(path).write_text(render(report, rng), encoding="utf-8")
    except OSError as error:
        raise FormatError(Path(path).name, 0, "", (error.strerror or "").lower()) from None

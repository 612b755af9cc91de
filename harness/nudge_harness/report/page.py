"""The report: one self-contained HTML file that opens offline.

No script, style, font or picture comes from outside; a content security policy in the page forbids
it, and allows two scripts by their hash: the page's own and plotly.js. Everything that stands in a
conversation or a file name is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nudge_harness.gates import Row
from nudge_harness.metrics.calibration import BASE_RATE, Bin
from nudge_harness.metrics.evaluation import Evaluation
from nudge_harness.metrics.latency import half_patience
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.paired import Difference
from nudge_harness.metrics.precision_at import BASE_RATES
from nudge_harness.report import case_views, tables, views, words
from nudge_harness.report.charts import Chart, precision_chart, reliability_chart, timing_chart
from nudge_harness.report.explorer import Cases
from nudge_harness.report.frame import environment, frame
from nudge_harness.report.series import Lines, lines
from nudge_harness.results import Provenance


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All that a page is made of.

    Attributes:
        title: what was run, in words.
        evaluation: the figures.
        outcomes: behind them.
        provenance: where they come from.
        cases: for the error explorer; ``None`` leaves it out.
        bins: reliability as the file stands and re-weighted; empty without a trace.
        beside: other evaluations of the same file by name, as baselines: "text only".
        differences: to another detector or a stored run.
        gates: how they went.
    """

    title: str
    evaluation: Evaluation
    outcomes: Sequence[Outcome]
    provenance: Provenance
    cases: Cases | None = None
    bins: tuple[Sequence[Bin], Sequence[Bin]] = ((), ())
    beside: Mapping[str, Evaluation] = field(default_factory=dict)
    differences: Mapping[str, Difference] | None = None
    gates: Sequence[Row] = ()


def render(report: Report, rng: np.random.Generator) -> str:
    """The page as HTML.

    Args:
        report: what to show.
        rng: seeded generator, for the bands of the curves.
    """
    page = environment().get_template("page.html.j2").render(_context(report, rng))
    return page + "\n"


def _context(report: Report, rng: np.random.Generator) -> dict[str, Any]:
    evaluation = report.evaluation
    drawn = lines(report.outcomes, rng)
    columns, rows = tables.cross(evaluation)
    found: dict[str, Any] = {
        "title": report.title,
        "holds": views.holds(evaluation),
        "notes": views.notes(evaluation),
        "missing": words.MISSING,
        "heroes": views.heroes(evaluation),
        "timing": _timing(drawn),
        "timing_says": _timing_says(evaluation),
        "precision": precision_chart(drawn.precision, BASE_RATES),
        "week": views.week(evaluation),
        "rates": views.rates(evaluation),
        "kinds": tables.kinds(evaluation),
        "kind_columns": tables.kind_columns(),
        "cross": rows,
        "cross_columns": columns,
        "groups": tables.groups(evaluation),
        "cases": [] if report.cases is None else case_views.blocks(report.cases),
        "cases_say": "The conversations that went most wrong, with what the detector thought after "
        "each message. Open one to read along. Text is shown for generated chats only.",
        "calibration": _calibration(report),
        "figures": tables.figures(evaluation, report.beside, report.differences),
        "figures_say": f"Speed and F-latency use p = {evaluation.p:g}: a nudge is worth half at "
        f"message {half_patience(evaluation.p):.0f}.",
        "beside": list(report.beside),
        "compared": report.differences is not None,
        "gates": report.gates,
        "provenance": provenance_rows(report.provenance, report.evaluation.resamples),
        **frame(),
    }
    return {**found, "sections": _sections(found)}


def _sections(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    named = (
        ("time", "In time?", "timing"),
        ("burden", "What it costs", "figures"),
        ("kinds", "Kinds of risk", "kinds"),
        ("groups", "Groups", "groups"),
        ("errors", "Error explorer", "cases"),
        ("calibration", "Calibration", "calibration"),
        ("figures", "Every figure", "figures"),
        ("gates", "Gates", "gates"),
        ("method", "How it was made", "figures"),
    )
    return [(anchor, name) for anchor, name, needs in named if found[needs]]


def _timing(drawn: Lines) -> list[tuple[Chart, str]]:
    onset = timing_chart(
        drawn.onset,
        about="the first sign",
        mark="first sign",
        label="Share of risky chats warned, by messages after the first sign",
    )
    harm = timing_chart(
        drawn.harm,
        about="the harm",
        mark="harm",
        label="Share of risky chats warned, by messages before and after the harm",
    )
    captions = ("Warned, counted from the first sign.", "Warned, counted towards the harm.")
    return [(chart, name) for chart, name in zip((onset, harm), captions, strict=True) if chart]


def _timing_says(evaluation: Evaluation) -> str:
    lead = evaluation.figures["lead_messages"]
    early, premature = (evaluation.figures[name] for name in ("early_recall", "premature"))
    ahead = words.shown(lead, "messages")
    sentences = (
        (lead, f"Where the nudge came in time, it led the harm by {ahead} messages (median)."),
        (
            early,
            f"{words.shown(early, 'share')} were warned within two messages of the first sign;",
        ),
        (premature, f"{words.shown(premature, 'share')} before there was one, which is luck."),
    )
    return " ".join(said for figure, said in sentences if figure.value is not None)


def _calibration(report: Report) -> list[tuple[Chart, str]]:
    plain, rare = report.bins
    asked = (
        (plain, "As the file stands.", "error"),
        (rare, "Re-weighted to 1 risky chat in 1,000.", f"error_at_{BASE_RATE:g}"),
    )
    found = []
    for bins, name, metric in asked:
        chart = reliability_chart(bins, f"Predicted risk against what came true. {name}")
        own = report.evaluation.calibration.get(metric)
        if chart and own:
            error = f"Mean gap {words.shown(own, 'score')} ({words.between(own, 'score')})."
            found.append((chart, f"{name} {error}"))
    return found


def provenance_rows(own: Provenance, resamples: int) -> list[tuple[str, str]]:
    """Where figures come from, as names and values."""
    rows = [
        ("Made", own.created),
        ("Command", own.command),
        ("Commit", own.commit),
        ("Model", own.bundle),
        ("Model hash", own.bundle_hash),
        *((f"Seed: {name}", str(seed)) for name, seed in sorted(own.seeds.items())),
        *sorted(own.versions.items()),
        *((f"SHA-256 of {name}", digest) for name, digest in sorted(own.inputs.items())),
        ("Resamples", words.count(resamples)),
    ]
    return [(name, value if value is not None else "not recorded") for name, value in rows]

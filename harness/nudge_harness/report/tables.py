"""The page's tables: kinds of risk, groups, and every figure."""

from __future__ import annotations

from collections.abc import Mapping

from nudge_harness.metrics.catalogue import Unit, catalogue
from nudge_harness.metrics.counts import NO_NUDGE
from nudge_harness.metrics.evaluation import LABEL_METRICS, Evaluation, GroupFigures
from nudge_harness.metrics.paired import Difference
from nudge_harness.metrics.statistic import Figure
from nudge_harness.report import words
from nudge_harness.report.glyphs import interval
from nudge_harness.report.views import View, cell, key
from nudge_sdk.values import RISKS


def kinds(evaluation: Evaluation) -> list[View]:
    """Rows of the table by kind of risk."""
    rows = []
    for label, own in evaluation.by_label.items():
        n = own["recall_before_harm"].n
        rows.append(
            {
                "label": label,
                "name": words.plain(label),
                "cells": [cell(own[name], "share") for name in LABEL_METRICS],
                "n": n,
                "chats": words.count(n),
            }
        )
    return rows


def kind_columns() -> list[str]:
    """Titles of the table by kind of risk."""
    titles = {metric.name: metric.title for metric in catalogue()}
    return [titles[name] for name in LABEL_METRICS]


def cross(evaluation: Evaluation) -> tuple[list[str], list[View]]:
    """Columns and rows of "what the first nudge was about"."""
    table = evaluation.first_kinds
    extra = sorted({kind for own in table.values() for kind in own} - {*RISKS, NO_NUDGE})
    columns = [*RISKS, *extra, NO_NUDGE]
    rows = [
        {
            "name": words.plain(label),
            "cells": [
                {"count": words.count(own.get(kind, 0)), "own": kind == _right(label)}
                for kind in columns
            ],
        }
        for label, own in table.items()
    ]
    names = ["No nudge" if kind == NO_NUDGE else words.plain(kind) for kind in columns]
    return names, rows


def _right(label: str) -> str:
    return label if label in RISKS else NO_NUDGE


def groups(evaluation: Evaluation) -> list[View]:
    """Tables of the groupings that have more than one group."""
    shown = []
    for name, metrics in evaluation.groups.items():
        members = list(dict.fromkeys(group for own in metrics.values() for group in own.groups))
        if len(members) < 2:
            continue
        shown.append(
            {
                "name": words.GROUPINGS[name],
                "sentences": [
                    said for metric, own in metrics.items() if (said := _gap(metric, own))
                ],
                "rows": [
                    {
                        "name": words.plain(member),
                        "cells": [_member(metric, own, member) for metric, own in metrics.items()],
                    }
                    for member in members
                ],
            }
        )
    return shown


def _member(metric: str, own: GroupFigures, member: str) -> View:
    figure = own.groups.get(member, Figure(value=None, low=None, high=None, n=0))
    return {
        **cell(figure, words.GROUP_UNITS[metric]),
        "n": figure.n,
        "count": words.count(figure.n),
        "worst": own.worst == member,
    }


def _gap(metric: str, own: GroupFigures) -> str | None:
    if own.worst is None or own.gap is None or own.gap.value is None:
        return None
    unit = words.GROUP_UNITS[metric]
    return (
        f"Worst {words.GROUP_TITLES[metric]}: {words.plain(own.worst)}, "
        f"{words.change(own.gap, unit)} against everybody else "
        f"(95 % interval: {words.between(own.gap, unit)})."
    )


def figures(
    evaluation: Evaluation,
    beside: Mapping[str, Evaluation],
    differences: Mapping[str, Difference] | None,
) -> list[View]:
    """Rows of the table of every figure."""
    rows = []
    for metric in catalogue(evaluation.p):
        own = evaluation.figures[metric.name]
        row = _figure_row(metric.title, metric.meaning, own, metric.unit)
        row["better"] = {"higher": "higher", "lower": "lower"}.get(metric.direction, "")
        row["beside"] = [cell(other.figures[metric.name], metric.unit) for other in beside.values()]
        if differences is not None:
            row["change"] = _change(differences[metric.name], metric.unit)
        rows.append(row)
    for rate, own in evaluation.precision_at.items():
        said = f"Nudges that are right if {words.one_in(float(rate))} chats is risky."
        row = _figure_row(f"Precision at {words.one_in(float(rate))}", said, own, "share")
        row["better"] = "higher"
        row["beside"] = [cell(other.precision_at[rate], "share") for other in beside.values()]
        row["change"] = {"key": "", "value": words.MISSING, "verdict": ""}
        rows.append(row)
    return rows


def _figure_row(title: str, meaning: str, own: Figure, unit: Unit) -> View:
    top = 1.0 if unit in ("share", "score") else 1.05 * (own.high or own.value or 1.0)
    return {
        "title": title,
        "meaning": meaning,
        "value": words.shown(own, unit),
        "key": key(own),
        "interval": words.between(own, unit),
        "picture": interval(own, top, f"95 % interval: {words.between(own, unit)}"),
        "n": own.n,
        "count": words.count(own.n),
    }


def _change(difference: Difference, unit: Unit) -> View:
    return {
        "key": key(difference.figure),
        "value": words.change(difference.figure, unit),
        "verdict": difference.verdict,
    }

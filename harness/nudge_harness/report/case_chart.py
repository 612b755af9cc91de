"""The risk curve of one conversation: what the detector thought, message by message."""

from __future__ import annotations

import json

import numpy as np

from nudge_harness.report import words
from nudge_harness.report.charts import Chart
from nudge_harness.report.explorer import Case
from nudge_harness.report.plots import case_figure
from nudge_harness.report.svg import Axis, add, drawing, markup, path, text
from nudge_sdk.values import RISKS

_WIDTH, _HEIGHT = 420, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 40, 38
_NAMED = 0.1  # a kind whose risk stays below this is not drawn


def case_chart(case: Case) -> Chart | None:
    """Risk by kind over the messages, with first sign, harm and nudges; ``None`` without trace."""
    if case.curve is None or not np.isfinite(case.curve.risk).any():
        return None
    outcome, risk = case.outcome, case.curve.risk
    across = Axis(low=1, high=max(outcome.messages, 2), start=_LEFT, end=_WIDTH - _RIGHT)
    upright = Axis(low=0.0, high=1.0, start=_HEIGHT - _BOTTOM, end=_TOP)
    canvas = drawing(_WIDTH, _HEIGHT, _label(case), "chart")
    for share in (0.0, 0.5, 1.0):
        y = upright.at(share)
        add(canvas, "line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, kind="grid")
        text(canvas, _LEFT - 8, y + 4, f"{100 * share:.0f} %", kind="tick", text_anchor="end")
    every = max(1, round(outcome.messages / 6))
    for number in range(1, outcome.messages + 1, every):
        text(
            canvas, across.at(number), _HEIGHT - 20, f"{number}", kind="tick", text_anchor="middle"
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    text(canvas, middle, _HEIGHT - 3, "message", kind="axis", text_anchor="middle")
    for at, name, kind, y in (
        (outcome.onset, "first sign", "moment faint", _TOP - 22),
        (outcome.harm, "harm", "moment harm", _TOP - 8),
    ):
        if at is not None:
            x = across.at(at + 1)
            add(canvas, "line", x1=x, x2=x, y1=y + 4, y2=_HEIGHT - _BOTTOM, kind=kind)
            text(canvas, x, y, name, kind="mark", text_anchor="middle")
    for column, name in enumerate(RISKS):
        own = risk[:, column]
        if not np.isfinite(own).any() or (np.nanmax(own) < _NAMED and name != outcome.label):
            continue
        points = [(across.at(i + 1), upright.at(float(r))) for i, r in enumerate(own) if r >= 0]
        add(canvas, "path", d=path(points), kind=f"line {name}")
    for line in case.lines:
        if line.nudge is not None:
            height = upright.at(line.risk if line.risk is not None else 0.0)
            add(canvas, "circle", cx=across.at(line.index + 1), cy=height, r=5, kind="nudge")
    return Chart(
        picture=markup(canvas), points=json.dumps(_spoken(case)), figure=_interactive(case)
    )


def _spoken(case: Case) -> list[str]:
    return [
        f"message {i + 1}: " + ("no risk read" if line.risk is None else f"{100 * line.risk:.0f} %")
        for i, line in enumerate(case.lines)
    ]


def _interactive(case: Case) -> str:
    outcome, curve = case.outcome, case.curve
    kinds = {
        name: (
            words.plain(name),
            [None if np.isnan(r) else round(float(r), 4) for r in curve.risk[:, RISKS.index(name)]],
        )
        for name in drawn_kinds(case)
        if curve is not None
    }
    marks = ((outcome.onset, "first sign", "--muted"), (outcome.harm, "harm", "--bad"))
    return case_figure(
        [line.risk for line in case.lines],
        _spoken(case),
        kinds,
        [(line.index, line.risk or 0.0) for line in case.lines if line.nudge is not None],
        [(at, name, ink) for at, name, ink in marks if at is not None],
    )


def drawn_kinds(case: Case) -> list[str]:
    """The kinds that the chart draws, for its legend."""
    if case.curve is None or not np.isfinite(case.curve.risk).any():
        return []
    highest = np.nanmax(np.nan_to_num(case.curve.risk, nan=-1.0), axis=0)
    return [
        name
        for name, top in zip(RISKS, highest, strict=True)
        if top >= _NAMED or (name == case.outcome.label and top >= 0)
    ]


def _label(case: Case) -> str:
    peak = case.peak
    if peak is None:
        return "Risk by message"
    return f"Risk by message: highest {100 * peak[1]:.0f} % at message {peak[0] + 1}"


def story(case: Case) -> str:
    """What went wrong, in one sentence."""
    outcome, peak = case.outcome, case.peak
    height = "" if peak is None else f"; risk peaked at {100 * peak[1]:.0f} %"
    if outcome.benign:
        first = outcome.nudges[0]
        more = f", {len(outcome.nudges)} nudges in all" if len(outcome.nudges) > 1 else ""
        return (
            f"Nudged about {words.plain(first.risk).lower()} on message {first.message + 1}{more}."
        )
    harm = "" if outcome.harm is None else f"; the harm is message {outcome.harm + 1}"
    if outcome.first_nudge is None:
        return f"Never nudged{height}{harm}."
    return f"Nudged on message {outcome.first_nudge + 1}, too late{harm}."

"""Pictures that studies share: a row of dots with their intervals, and a line through points.

Each comes as a drawing (without a script, in print) and as a figure for plotly.js, as all charts of
the report.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nudge_harness.metrics.catalogue import Unit
from nudge_harness.metrics.statistic import Figure
from nudge_harness.report import words
from nudge_harness.report.charts import Chart
from nudge_harness.report.plots import Json, figure
from nudge_harness.report.svg import Axis, add, drawing, markup, path, text

INKS: Final = ("good", "adult", "scam", "muted")
_WIDTH: Final = 760
_LEFT: Final = 210
_ROW: Final = 26
_TOP: Final = 16
_BOTTOM: Final = 46


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One dot: its name, its figure, and one of `INKS`."""

    name: str
    figure: Figure
    ink: str = "good"


def dots(rows: Sequence[Row], *, unit: Unit, title: str, zero: bool = True) -> Chart | None:
    """Figures one under the other, each with its interval.

    Args:
        rows: from top to bottom; those without a value are left out.
        unit: of the figures.
        title: of the axis.
        zero: whether the axis begins at 0 (a share then ends at 100 %).

    Returns:
        ``None`` when no row has a value.
    """
    known = [(own, own.figure.value) for own in rows if own.figure.value is not None]
    if not known:
        return None
    ends = [end for own, value in known for end in (value, own.figure.low, own.figure.high)]
    inside = [end for end in ends if end is not None]
    low, high = min(inside), max(inside)
    if zero:
        low, high = min(0.0, low), max(high, 1.0 if unit in ("share", "score") else high)
    span = (high - low) or 1.0
    low, high = (low if zero and low == 0 else low - 0.05 * span), high + 0.03 * span
    across = Axis(low=low, high=high, start=_LEFT, end=_WIDTH - 20)
    height = _TOP + _ROW * len(known) + _BOTTOM
    canvas = drawing(_WIDTH, height, title, "chart wide")
    floor = height - _BOTTOM
    for tick in ticks(low, high):
        x = across.at(tick)
        add(canvas, "line", x1=x, x2=x, y1=_TOP, y2=floor, kind="grid")
        text(canvas, x, floor + 18, words_of(tick, unit), kind="tick", text_anchor="middle")
    text(canvas, (_LEFT + _WIDTH) / 2, height - 6, title, kind="axis", text_anchor="middle")
    for place, (own, value) in enumerate(known):
        y = _TOP + _ROW * (place + 0.5)
        text(canvas, _LEFT - 12, y + 4, own.name, kind="tick", text_anchor="end")
        group = add(canvas, "g", kind=f"ink-{own.ink}")
        if own.figure.low is not None and own.figure.high is not None:
            reach = [(across.at(own.figure.low), y), (across.at(own.figure.high), y)]
            add(group, "path", d=path(reach), kind=f"ink-{own.ink}", stroke_opacity=0.45)
        add(group, "circle", cx=across.at(value), cy=y, r=5)
    said = [_said(own, unit) for own, _ in known]
    table = tuple(
        (own.name, words.shown(own.figure, unit), words.between(own.figure, unit),
         words.count(own.figure.n))
        for own, _ in known
    )  # fmt: skip
    drawn = _dots_figure([own for own, _ in known], said, title, unit, (low, high), height)
    head = ("", "value", "95 % interval", "n")
    return Chart(
        picture=markup(canvas), points=json.dumps(said), figure=drawn, head=head, rows=table
    )


def _said(own: Row, unit: Unit) -> str:
    return f"{own.name}: {words.shown(own.figure, unit)} ({words.between(own.figure, unit)})"


def _dots_figure(
    rows: Sequence[Row],
    said: Sequence[str],
    title: str,
    unit: Unit,
    ends: tuple[float, float],
    height: int,
) -> str:
    values = [own.figure.value or 0.0 for own in rows]
    highs = [
        own.figure.high if own.figure.high is not None else v
        for own, v in zip(rows, values, strict=True)
    ]
    lows = [
        own.figure.low if own.figure.low is not None else v
        for own, v in zip(rows, values, strict=True)
    ]
    names = [own.name for own in rows]
    reach: Json = {
        "type": "data", "symmetric": False, "width": 0, "thickness": 2, "color": "--muted",
        "array": [high - value for high, value in zip(highs, values, strict=True)],
        "arrayminus": [value - low for low, value in zip(lows, values, strict=True)],
    }  # fmt: skip
    trace: Json = {
        "type": "scatter", "mode": "markers", "x": values, "y": names, "error_x": reach,
        "marker": {"size": 10, "color": [f"--{own.ink}" for own in rows]},
        "text": list(said), "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    across: Json = {"title": {"text": title}, "range": list(ends), "showgrid": True}
    if unit == "share":
        across["tickformat"] = ".0%"
    upright: Json = {
        "autorange": "reversed", "range": None, "tickformat": "", "tickvals": names,
        "ticktext": names, "showgrid": False,
    }  # fmt: skip
    return figure(
        [trace], across=across, upright=upright, hovermode="closest", height=height + 20,
        margin={"l": 200},
    )  # fmt: skip


def ticks(low: float, high: float) -> list[float]:
    """Four to eight round numbers between two ends."""
    span = high - low
    step = next(
        (size for size in _STEPS if span / size <= 8),
        span / 5,
    )
    first = -(-low // step)
    return [round((first + at) * step, 10) for at in range(int((high - first * step) / step) + 1)]


_STEPS: Final = tuple(base * 10.0**power for power in range(-4, 5) for base in (1.0, 2.0, 5.0))


def words_of(value: float, unit: Unit) -> str:
    """A tick in words."""
    if unit == "share":
        return f"{100 * value:.0f} %".replace("-", "−")
    return f"{value:g}".replace("-", "−")

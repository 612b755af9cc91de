"""A line through measured points: a share over a rate, as one dial turns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nudge_harness.metrics.statistic import Figure
from nudge_harness.report import words
from nudge_harness.report.charts import Chart
from nudge_harness.report.plots import Json, figure
from nudge_harness.report.svg import Axis, add, drawing, markup, path, text
from nudge_harness.studies.pictures import ticks

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 760, 400, 56, 48, 20, 20
_SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """One point: a rate per 1,000, a share, its name, and what stands beside it."""

    x: Figure
    y: Figure
    name: str
    mark: str = ""


def curve(stops: Sequence[Stop], *, caption: str, title: str) -> Chart | None:
    """A line through the stops, in their order; ``None`` when none has both values.

    Args:
        stops: along the dial.
        caption: for a screen reader.
        title: of the axis.
    """
    known = [
        (own.x.value, own.y.value, own)
        for own in stops
        if own.x.value is not None and own.y.value is not None
    ]
    if not known:
        return None
    widest = max(x for x, _, _ in known) * 1.08 or 1.0
    across = Axis(low=0.0, high=widest, start=_LEFT, end=_WIDTH - _RIGHT)
    upright = Axis(low=0.0, high=1.0, start=_HEIGHT - _BOTTOM, end=_TOP)
    canvas = drawing(_WIDTH, _HEIGHT, caption, "chart wide")
    for share in _SHARES:
        y = upright.at(share)
        add(canvas, "line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, kind="grid")
        text(canvas, _LEFT - 8, y + 4, f"{100 * share:.0f} %", kind="tick", text_anchor="end")
    for tick in ticks(0.0, widest):
        text(canvas, across.at(tick), _HEIGHT - 30, f"{tick:g}", kind="tick", text_anchor="middle")
    text(canvas, _WIDTH / 2, _HEIGHT - 6, title, kind="axis", text_anchor="middle")
    places = [(across.at(x), upright.at(y)) for x, y, _ in known]
    add(canvas, "path", d=path(places), kind="line")
    for (x, y), (_, _, own) in zip(places, known, strict=True):
        add(canvas, "circle", cx=x, cy=y, r=6 if own.mark else 3.5, kind="point")
        if own.mark:
            text(canvas, x + 10, y + 16, own.mark, kind="mark")
    said = [
        f"{own.name}: {words.shown(own.y, 'share')}, {words.shown(own.x, 'per 1,000')} per 1,000"
        for _, _, own in known
    ]
    trace: Json = {
        "type": "scatter", "mode": "lines+markers", "x": [x for x, _, _ in known],
        "y": [y for _, y, _ in known], "text": said, "line": {"color": "--good", "width": 2.5},
        "marker": {"size": [13 if own.mark else 7 for _, _, own in known]},
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    rows = tuple(
        (own.name, words.shown(own.y, "share"), words.shown(own.x, "per 1,000"))
        for _, _, own in known
    )
    across_title: Json = {"title": {"text": title}, "range": [0, widest]}
    return Chart(
        picture=markup(canvas),
        points=json.dumps(said),
        figure=figure([trace], across=across_title, hovermode="closest", height=400),
        head=("", "share", "per 1,000"),
        rows=rows,
    )

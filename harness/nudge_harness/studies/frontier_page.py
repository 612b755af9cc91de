"""The frontier's picture and sentences: warned in time against what a thief would learn.

One stepped line for each choice of signals joins the devices that no other of its kind beats: as
many warned for less to steal. All others are faint dots. Lines and corners carry their names, so
that the plot needs no legend.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, TypeAlias
from xml.etree import ElementTree as ET

from nudge_harness.report import words
from nudge_harness.report.charts import Chart
from nudge_harness.report.plots import Json, figure
from nudge_harness.report.svg import Axis, add, drawing, markup, path, text
from nudge_harness.studies.memory import HORIZONS, PRECISIONS
from nudge_harness.studies.pictures import ticks
from nudge_harness.studies.sight import SIDES, SIGNALS
from nudge_harness.studies.study import Point, Points

X: Final = "leak"
Y: Final = "recall_at_budget"
_INK: Final = {"metadata": "scam", "text": "adult", "both": "good"}
_WIDTH, _HEIGHT = 760, 470
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 20, 40, 52
_CAPTION: Final = (
    "How many are warned before the harm, and what a thief of the phone's memory could tell about "
    "the chat. Up and to the left is better."
)
_LETTER: Final = 6.4  # pixels, about
_CLOSE: Final = 0.02  # a difference in recall that is not worth a longer memory

PlaceXY: TypeAlias = tuple[float, float]
_Box: TypeAlias = tuple[float, float, float, float]


def unbeaten(points: Sequence[Point], x: str = X, y: str = Y) -> list[Point]:
    """Points that no other beats: none has at least as much ``y`` for at most as much ``x``, and
    more of one; from left to right."""
    known = [(own.value(x), own.value(y), at, own) for at, own in enumerate(points)]
    placed = sorted(
        (max(a, 0.0), -b, at, own) for a, b, at, own in known if a is not None and b is not None
    )
    best, highest = [], float("-inf")
    for _, minus, _, own in placed:
        if -minus > highest:
            best.append(own)
            highest = -minus
    return best


def name_of(point: Point) -> str:
    """A device in words."""
    cell = point.cell
    said = [SIGNALS[cell["signals"]], f"{SIDES[cell['sides']]} messages", HORIZONS[cell["memory"]]]
    if cell["memory"] != "none":
        said.append(PRECISIONS[cell["precision"]])
    return ", ".join(said)


def short(point: Point) -> str:
    """A device's memory in words."""
    cell = point.cell
    if cell["memory"] == "none":
        return HORIZONS["none"]
    return f"{HORIZONS[cell['memory']]}, {PRECISIONS[cell['precision']]}"


def charts(points: Points) -> list[tuple[Chart, str]]:
    """The plot of the whole study."""
    known = [own for own in points if own.value(X) is not None and own.value(Y) is not None]
    if not known:
        return []
    ordered = sorted(known, key=_leak)
    said = [_said(own) for own in ordered]
    rows = tuple(
        (name_of(own), words.shown(own.figures[X], "score"), words.shown(own.figures[Y], "share"),
         words.between(own.figures[Y], "share"))
        for own in ordered
    )  # fmt: skip
    chart = Chart(
        picture=markup(_picture(ordered)),
        points=json.dumps(said),
        figure=_figure(ordered, said),
        head=("device", "leak", "warned before harm", "95 % interval"),
        rows=rows,
    )
    return [(chart, _CAPTION)]


def _leak(point: Point) -> float:
    return max(point.value(X) or 0.0, 0.0)


def _recall(point: Point) -> float:
    return point.value(Y) or 0.0


def _said(point: Point) -> str:
    warned, leak = words.shown(point.figures[Y], "share"), words.shown(point.figures[X], "score")
    return f"{name_of(point)}: {warned} warned, leak {leak}"


def _lines(points: Sequence[Point]) -> dict[str, list[Point]]:
    found = {}
    for signals in SIGNALS:
        line = unbeaten([own for own in points if own.cell["signals"] == signals])
        if line:
            found[signals] = line
    return found


def _picture(points: Sequence[Point]) -> ET.Element:
    widest = max(_leak(own) for own in points) * 1.1 or 1.0
    across = Axis(low=0.0, high=widest, start=_LEFT, end=_WIDTH - _RIGHT)
    upright = Axis(low=0.0, high=1.0, start=_HEIGHT - _BOTTOM, end=_TOP)
    canvas = _frame(across, upright, widest)
    for own in points:
        dot = {"cx": across.at(_leak(own)), "cy": upright.at(_recall(own)), "r": 2.6}
        add(canvas, "circle", kind=f"dim ink-{_INK[own.cell['signals']]}", **dot)
    taken: list[_Box] = []
    lines = _lines(points)
    for signals, line in lines.items():
        _draw_line(canvas, signals, _places(line, across, upright), taken)
    for signals, line in lines.items():
        _name_corners(canvas, signals, line, _places(line, across, upright), taken)
    return canvas


def _frame(across: Axis, upright: Axis, widest: float) -> ET.Element:
    canvas = drawing(_WIDTH, _HEIGHT, _CAPTION, "chart wide")
    floor = upright.at(0.0)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = upright.at(share)
        add(canvas, "line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, kind="grid")
        text(canvas, _LEFT - 8, y + 4, f"{100 * share:.0f} %", kind="tick", text_anchor="end")
    for tick in ticks(0.0, widest):
        x = across.at(tick)
        add(canvas, "line", x1=x, x2=x, y1=floor, y2=floor + 4, kind="notch")
        text(canvas, x, floor + 18, f"{tick:g}", kind="tick", text_anchor="middle")
    text(canvas, 4, _TOP - 22, "↑ warned before the harm", kind="mark")
    text(canvas, _LEFT, _HEIGHT - 6, "← nothing to steal", kind="mark")
    right = _WIDTH - _RIGHT
    text(canvas, right, _HEIGHT - 6, "a thief learns more →", kind="mark", text_anchor="end")
    return canvas


def _places(line: Sequence[Point], across: Axis, upright: Axis) -> list[PlaceXY]:
    return [(across.at(_leak(own)), upright.at(_recall(own))) for own in line]


def _draw_line(
    canvas: ET.Element, signals: str, places: Sequence[PlaceXY], taken: list[_Box]
) -> None:
    """A stepped line, out to the right edge, with its name at the end."""
    steps: list[PlaceXY] = []
    for x, y in places:
        if steps:
            steps.append((x, steps[-1][1]))
        steps.append((x, y))
    end = float(_WIDTH - _RIGHT)
    steps.append((end, steps[-1][1]))
    add(canvas, "path", d=path(steps), kind=f"ink-{_INK[signals]}")
    name, y = SIGNALS[signals], steps[-1][1] - 8
    taken.append(_box(end - _LETTER * len(name), y, name))
    text(canvas, end, y, name, kind=f"ink-{_INK[signals]}", text_anchor="end", font_size=14)


def _name_corners(
    canvas: ET.Element,
    signals: str,
    line: Sequence[Point],
    places: Sequence[PlaceXY],
    taken: list[_Box],
) -> None:
    """Dots at the corners, and their names wherever there is room."""
    for (x, y), own in zip(places, line, strict=True):
        add(canvas, "circle", cx=x, cy=y, r=4.5, kind=f"ink-{_INK[signals]}")
        name = short(own)
        for to_x, to_y in ((x + 8, y + 16), (x + 8, y - 8), (x + 8, y + 30)):
            box = _box(to_x, to_y, name)
            if box[2] < _WIDTH - _RIGHT and not any(_meet(box, other) for other in taken):
                taken.append(box)
                text(canvas, to_x, to_y, name, kind="tick")
                break


def _box(x: float, y: float, said: str) -> _Box:
    return (x, y - 12, x + _LETTER * len(said), y + 4)


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _figure(points: Sequence[Point], said: Sequence[str]) -> str:
    widest = max(_leak(own) for own in points) * 1.1 or 1.0
    dots: Json = {
        "type": "scatter", "mode": "markers", "x": [_leak(own) for own in points],
        "y": [_recall(own) for own in points], "text": list(said),
        "hovertemplate": "%{text}<extra></extra>", "showlegend": False,
        "marker": {
            "size": 6, "opacity": 0.45,
            "color": [f"--{_INK[own.cell['signals']]}" for own in points],
        },
    }  # fmt: skip
    data = [dots]
    names: list[Json] = []
    for signals, line in _lines(points).items():
        ink = f"--{_INK[signals]}"
        xs = [*map(_leak, line), widest]
        ys = [*map(_recall, line), _recall(line[-1])]
        data.append(
            {
                "type": "scatter", "mode": "lines+markers", "x": xs, "y": ys,
                "line": {"shape": "hv", "color": ink, "width": 2.5}, "hoverinfo": "skip",
                "marker": {"size": [9] * len(line) + [0]}, "name": SIGNALS[signals],
            }
        )  # fmt: skip
        names.append(
            {
                "x": widest, "y": ys[-1], "text": SIGNALS[signals], "showarrow": False,
                "xanchor": "right", "yanchor": "bottom", "font": {"color": ink, "size": 13},
            }
        )  # fmt: skip
    across: Json = {
        "title": {"text": "what a thief of the memory could tell"},
        "range": [-0.005, widest],
    }
    upright: Json = {"title": {"text": "warned before the harm"}, "range": [0, 1.02]}
    return figure(
        data, across=across, upright=upright, annotations=names, hovermode="closest", height=480,
        margin={"l": 64},
    )  # fmt: skip


def says(points: Points) -> list[str]:
    """The story, in sentences that hold for whatever was measured."""
    lines = _lines([own for own in points if own.value(X) is not None and own.value(Y) is not None])
    found = []
    for signals, line in lines.items():
        found.append(f"{SIGNALS[signals].capitalize()}: {_step(line)}.")
    every = unbeaten([own for line in lines.values() for own in line])
    if every:
        top = every[-1]
        near = next(own for own in every if _recall(own) >= _recall(top) - _CLOSE)
        if near is not top:
            found.append(
                f"Within {100 * _CLOSE:.0f} points of the most that any device warns, the one with "
                f"least to steal: {_said(near)}."
            )
    return found


def _step(line: Sequence[Point]) -> str:
    first, last = line[0], line[-1]
    ends = [f"{words.shown(own.figures[Y], 'share')} are warned" for own in (first, last)]
    leaks = [words.shown(own.figures[X], "score") for own in (first, last)]
    told = f"with {short(first)} {ends[0]} at a leak of {leaks[0]}"
    return told if first is last else f"{told}, with {short(last)} {ends[1]} at {leaks[1]}"

"""The frontier's picture, made to be read without a caption and on a phone.

One stepped line for each choice of signals joins the devices that no other of its kind beats: as
many warned for less to steal. All others are faint dots. Lines carry their names; both ends and
every corner that gains something say what the device remembers, with an interval. The picture is
upright, as wide as a phone, so that its letters stay letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from markupsafe import Markup

from nudge_harness.report.plots import Json, figure, moment
from nudge_harness.report.svg import Axis, Point, add, drawing, markup, path, text
from nudge_harness.studies.labels import Room
from nudge_harness.studies.pictures import ticks

_INK: Final = {"metadata": "scam", "text": "adult", "both": "good"}
_WIDTH, _HEIGHT = 420, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 10, 40, 62
_GAIN: Final = 0.03  # of recall, that a corner needs to be named


@dataclass(frozen=True, slots=True)
class Dot:
    """A device. ``leak``, ``recall``: 0..1; ``signals``: what it sees."""

    leak: float
    recall: float
    signals: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Corner:
    """A device on a line, what it remembers, and the interval of its recall."""

    dot: Dot
    name: str
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Frontier:
    """What is drawn. ``lines``: name to corners, from left to right; ``chat``, ``length``: what a
    thief could tell of the chat itself, and of the number of messages alone."""

    dots: Sequence[Dot]
    lines: Mapping[str, Sequence[Corner]]
    chat: float | None
    length: float | None

    @property
    def widest(self) -> float:
        """Right end of the axis."""
        return max(*(own.leak for own in self.dots), self.length or 0.0) * 1.06 or 1.0

    @property
    def highest(self) -> float:
        """Upper end of the axis: a whole tenth."""
        tops = [own.high or own.dot.recall for line in self.lines.values() for own in line]
        return min(1.0, int(10.0 * max(tops) + 1.0) / 10.0)


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a dot; ``right``, ``down``: pixels from it; ``ink``: the page's, for a line's."""

    said: str
    dot: Dot
    right: float
    down: float
    ink: str = ""

    @property
    def ends(self) -> bool:
        """Whether the words end at their place, and do not begin there."""
        return bool(self.ink) or self.right < 0.0


def picture(drawn: Frontier, caption: str) -> Markup:
    """The drawing."""
    across, upright = _axes(drawn)
    canvas = _frame(drawn, across, upright, caption)
    for own in drawn.dots:
        x, y = across.at(own.leak), upright.at(own.recall)
        add(canvas, "circle", kind=f"dim ink-{_INK[own.signals]}", cx=x, cy=y, r=2.4)
    for line in drawn.lines.values():
        _draw_line(canvas, line, across, upright)
    for label in labels(drawn):
        x, y = across.at(label.dot.leak) + label.right, upright.at(label.dot.recall) + label.down
        kind = f"ink-{label.ink}" if label.ink else "name"
        text(canvas, x, y, label.said, kind=kind, text_anchor="end" if label.ends else "start")
    return markup(canvas)


def _axes(drawn: Frontier) -> tuple[Axis, Axis]:
    across = Axis(low=0.0, high=drawn.widest, start=_LEFT + 6, end=_WIDTH - _RIGHT)
    return across, Axis(low=0.0, high=drawn.highest, start=_HEIGHT - _BOTTOM, end=_TOP)


def _frame(drawn: Frontier, across: Axis, upright: Axis, caption: str) -> ET.Element:
    canvas = drawing(_WIDTH, _HEIGHT, caption, "chart tall")
    floor, right = upright.at(0.0), _WIDTH - _RIGHT
    for tenth in range(round(10 * drawn.highest) + 1):
        y = upright.at(tenth / 10)
        add(canvas, "line", x1=_LEFT, x2=right, y1=y, y2=y, kind="grid")
        text(canvas, _LEFT - 6, y + 4, f"{10 * tenth} %", kind="tick", text_anchor="end")
    for tick in ticks(0.0, drawn.widest):
        x = across.at(tick)
        add(canvas, "line", x1=x, x2=x, y1=floor, y2=floor + 4, kind="notch")
        text(canvas, x, floor + 18, f"{tick:g}", kind="tick", text_anchor="middle")
    if drawn.length is not None:
        x = across.at(drawn.length)
        add(canvas, "line", x1=x, x2=x, y1=_TOP, y2=floor, kind="moment")
        text(canvas, x, _TOP - 6, _LENGTH, kind="tick", text_anchor=_anchor(drawn))
    text(canvas, 2, 14, "warned before the harm ↑", kind="mark")
    text(canvas, 2, _HEIGHT - 22, "← nothing to steal", kind="mark")
    text(canvas, right, _HEIGHT - 22, "a thief learns more →", kind="mark", text_anchor="end")
    text(canvas, right, _HEIGHT - 5, _scale(drawn), kind="tick", text_anchor="end")
    return canvas


_LENGTH: Final = "number of messages alone"


def _anchor(drawn: Frontier) -> str:  # of the dotted line's name
    return "end" if (drawn.length or 0.0) > drawn.widest / 2 else "start"


def _scale(drawn: Frontier) -> str:
    """What the numbers of the lower axis mean."""
    return "0 is guessing" + ("" if drawn.chat is None else f", {drawn.chat:.2f} reading the chat")


def _draw_line(canvas: ET.Element, line: Sequence[Corner], across: Axis, upright: Axis) -> None:
    """A stepped line out to the right edge, and whiskers where names stand."""
    ink = f"ink-{_INK[line[0].dot.signals]}"
    add(canvas, "path", d=path(_steps(line, across, upright)), kind=ink)
    for own in line:
        x = across.at(own.dot.leak)
        if own in told(line) and own.low is not None and own.high is not None:
            low, high = upright.at(own.low), upright.at(own.high)
            add(canvas, "line", kind=f"whisker {ink}", x1=x, x2=x, y1=low, y2=high)
        add(canvas, "circle", cx=x, cy=upright.at(own.dot.recall), r=4.2, kind=ink)


def _steps(line: Sequence[Corner], across: Axis, upright: Axis) -> list[Point]:
    steps: list[Point] = []
    for own in line:
        x, y = across.at(own.dot.leak), upright.at(own.dot.recall)
        steps += [(x, steps[-1][1]), (x, y)] if steps else [(x, y)]
    return [*steps, (float(_WIDTH - _RIGHT), steps[-1][1])]


def told(line: Sequence[Corner]) -> list[Corner]:
    """Corners worth a name: both ends, and whatever gains enough over the last that was named."""
    named = [line[0]]
    for own in line[1:]:
        if own.dot.recall >= named[-1].dot.recall + _GAIN:
            named.append(own)
    if line[-1] not in named:
        named = [*named, line[-1]] if len(named) == 1 else [*named[:-1], line[-1]]
    return named


def labels(drawn: Frontier) -> list[Label]:
    """What is written beside lines and corners, wherever there is room for it."""
    across, upright = _axes(drawn)
    room = Room(_WIDTH)
    for line in drawn.lines.values():
        room.steps(_steps(line, across, upright))
    placed = []
    for name, line in drawn.lines.items():
        own = line[-1].dot
        end = Dot(drawn.widest, own.recall, own.signals)
        at = (across.at(end.leak), upright.at(end.recall))
        if (found := room.place(at, name, _OVER_THE_END, ends=True)) is not None:
            placed.append(Label(name, end, *found, ink=_INK[own.signals]))
    for line in drawn.lines.values():
        for corner in told(line):
            at = (across.at(corner.dot.leak), upright.at(corner.dot.recall))
            if (found := room.place(at, corner.name, _BESIDE)) is not None:
                placed.append(Label(corner.name, corner.dot, *found))
    return placed


_OVER_THE_END: Final = ((0, -8), (0, 17), (0, -24), (0, 33))  # pixels right, pixels down
_BESIDE: Final = ((8, 17), (8, -8), (8, 33), (8, -24), (-8, -8), (-8, 17))


def interactive(drawn: Frontier, said: Sequence[str]) -> str:
    """The same for plotly.js; ``said``: the dots in words."""
    dots: Json = {
        "type": "scatter", "mode": "markers", "x": [own.leak for own in drawn.dots],
        "y": [own.recall for own in drawn.dots], "text": list(said),
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "size": 6, "opacity": 0.4, "color": [f"--{_INK[own.signals]}" for own in drawn.dots],
        },
    }  # fmt: skip
    data = [dots]
    for line in drawn.lines.values():
        ink = f"--{_INK[line[0].dot.signals]}"
        ends = [*line, line[-1]]
        data.append(
            {
                "type": "scatter", "mode": "lines+markers", "hoverinfo": "skip",
                "x": [*(own.dot.leak for own in line), drawn.widest],
                "y": [own.dot.recall for own in ends],
                "line": {"shape": "hv", "color": ink, "width": 2.5},
                "marker": {"size": [9] * len(line) + [0], "color": ink},
            }
        )  # fmt: skip
    names = [_words(label) for label in labels(drawn)]
    across: Json = {
        "title": {"text": f"a thief's gain: {_scale(drawn)}"},
        "range": [-0.015 * drawn.widest, drawn.widest],
    }
    upright: Json = {
        "title": {"text": "warned before the harm"}, "range": [0, drawn.highest],
        "tickvals": [tenth / 10 for tenth in range(round(10 * drawn.highest) + 1)],
    }  # fmt: skip
    return figure(
        data, across=across, upright=upright, annotations=names, shapes=_moments(drawn, names),
        hovermode="closest", height=540, margin={"l": 58, "t": 26, "b": 66},
    )  # fmt: skip


def _moments(drawn: Frontier, names: list[Json]) -> list[Json]:
    """The dotted line; its name joins the others."""
    if drawn.length is None:
        return []
    line, name = moment(drawn.length, _LENGTH)
    names.append({**name, "xanchor": "right" if _anchor(drawn) == "end" else "left"})
    return [line]


def _words(label: Label) -> Json:
    return {
        "x": label.dot.leak, "y": label.dot.recall, "text": label.said, "showarrow": False,
        "xanchor": "right" if label.ends else "left", "yanchor": "middle", "xshift": label.right,
        "yshift": 4 - label.down,
        "font": {"color": f"--{label.ink}" if label.ink else "--ink", "size": 12},
    }  # fmt: skip

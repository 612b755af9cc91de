"""The frontier's picture, made to be read without a caption and on a phone.

One stepped line for each choice of signals joins the devices that no other of its kind beats: as
many warned for less to steal. All others are faint dots. Lines carry their names, and the first,
the last and every corner that gains something carries what the device remembers, with its interval.
The picture is upright, so that it is as wide as a phone and its letters stay letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from xml.etree import ElementTree as ET

from markupsafe import Markup

from nudge_harness.report.plots import Json, figure, moment
from nudge_harness.report.svg import Axis, add, drawing, markup, path, text
from nudge_harness.studies.pictures import ticks

_INK: Final = {"metadata": "scam", "text": "adult", "both": "good"}
_WIDTH, _HEIGHT = 420, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 10, 40, 62
_LETTER: Final = 6.9  # pixels of one letter, about
_GAIN: Final = 0.02  # of recall, that a corner needs to be named

Box: TypeAlias = tuple[float, float, float, float]
Place: TypeAlias = tuple[float, float]


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
    """What is drawn. ``lines``: name to corners, from left to right; ``chat``, ``length``:
    what a thief could tell of the chat itself, and of the number of messages alone."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """Words at a corner: offsets in pixels from its dot to their start."""

    corner: Corner
    right: float
    down: float


def picture(drawn: Frontier, caption: str) -> Markup:
    """The drawing."""
    across, upright = _axes(drawn)
    canvas = _frame(drawn, across, upright, caption)
    for own in drawn.dots:
        x, y = across.at(own.leak), upright.at(own.recall)
        add(canvas, "circle", kind=f"dim ink-{_INK[own.signals]}", cx=x, cy=y, r=2.4)
    for name, line in drawn.lines.items():
        _draw_line(canvas, name, line, across, upright)
    for label in labels(drawn):
        dot = label.corner.dot
        x, y = across.at(dot.leak) + label.right, upright.at(dot.recall) + label.down
        text(canvas, x, y, label.corner.name, kind="name")
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


def _anchor(drawn: Frontier) -> str:
    """Which end of its name stands at the dotted line."""
    return "end" if (drawn.length or 0.0) > drawn.widest / 2 else "start"


def _scale(drawn: Frontier) -> str:
    """What the numbers of the lower axis mean."""
    if drawn.chat is None:
        return "0 is guessing"
    return f"0 is guessing, {drawn.chat:.2f} is reading the chat itself"


def _draw_line(
    canvas: ET.Element, name: str, line: Sequence[Corner], across: Axis, upright: Axis
) -> None:
    """A stepped line out to the right edge, its name at the end, whiskers where names stand."""
    ink = f"ink-{_INK[line[0].dot.signals]}"
    steps: list[Place] = []
    for own in line:
        x, y = across.at(own.dot.leak), upright.at(own.dot.recall)
        steps += [(x, steps[-1][1]), (x, y)] if steps else [(x, y)]
    end = float(_WIDTH - _RIGHT)
    add(canvas, "path", d=path([*steps, (end, steps[-1][1])]), kind=ink)
    for own in line:
        x = across.at(own.dot.leak)
        if own in told(line) and own.low is not None and own.high is not None:
            low, high = upright.at(own.low), upright.at(own.high)
            add(canvas, "line", kind=f"whisker {ink}", x1=x, x2=x, y1=low, y2=high)
        add(canvas, "circle", cx=x, cy=upright.at(own.dot.recall), r=4.2, kind=ink)
    text(canvas, end, steps[-1][1] - 8, name, kind=ink, text_anchor="end")


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
    """Where the names stand: beside their dots, over nothing else."""
    across, upright = _axes(drawn)
    taken: list[Box] = []
    for name, line in drawn.lines.items():
        y = upright.at(line[-1].dot.recall) - 8
        taken.append(_box(_WIDTH - _RIGHT - _LETTER * len(name), y, name))
    placed = []
    for line in drawn.lines.values():
        for own in told(line):
            x, y = across.at(own.dot.leak), upright.at(own.dot.recall)
            for right, down in _TRIED:
                box = _box(x + right, y + down, own.name)
                if box[2] <= _WIDTH and not any(_meet(box, other) for other in taken):
                    taken.append(box)
                    placed.append(Label(corner=own, right=right, down=down))
                    break
    return placed


_TRIED: Final = ((8, 17), (8, -8), (8, 32), (8, -24), (8, 47))


def _box(x: float, y: float, said: str) -> Box:
    return (x, y - 12, x + _LETTER * len(said), y + 3)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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
    names = [
        _words(label.corner.name, label.corner.dot, "--ink", label.right, 6.0 - label.down)
        for label in labels(drawn)
    ]
    data = [dots]
    for name, line in drawn.lines.items():
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
        last = Dot(drawn.widest, line[-1].dot.recall, line[0].dot.signals)
        names.append({**_words(name, last, ink, 0, 10), "xanchor": "right"})
    across: Json = {
        "title": {"text": f"what a thief could tell<br>{_scale(drawn)}"},
        "range": [-0.015 * drawn.widest, drawn.widest],
    }
    tenths = [tenth / 10 for tenth in range(round(10 * drawn.highest) + 1)]
    upright: Json = {
        "title": {"text": "warned before the harm"}, "range": [0, drawn.highest],
        "tickvals": tenths,
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


def _words(said: str, at: Dot, ink: str, right: float, up: float) -> Json:
    return {
        "x": at.leak, "y": at.recall, "text": said, "showarrow": False, "xanchor": "left",
        "yanchor": "middle", "xshift": right, "yshift": up, "font": {"color": ink, "size": 12},
    }  # fmt: skip

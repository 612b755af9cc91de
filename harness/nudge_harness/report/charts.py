"""The report's charts: a line with its band, drawn to be read without a caption.

Every chart comes twice, as a drawing (without a script, in print) and as an interactive figure, and
with its numbers as rows for the table under it and as words for a screen reader, so that nothing is
told by ink alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from markupsafe import Markup

from nudge_harness.metrics.calibration import Bin
from nudge_harness.metrics.statistic import Figure
from nudge_harness.report import words
from nudge_harness.report.plots import Known, line_figure, reliability_figure
from nudge_harness.report.svg import Axis, add, drawing, markup, path, text

WIDTH: Final = 420
HEIGHT: Final = 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 26, 42


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A chart ready for the page.

    Attributes:
        picture: the SVG.
        points: the points in words, as JSON: what the arrow keys read out.
        figure: the same for plotly.js (`plots`).
        head: column names of the numbers.
        rows: the numbers as text; none where the page shows them otherwise.
    """

    picture: Markup
    points: str
    figure: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def timing_chart(line: Mapping[int, Figure], *, about: str, mark: str, label: str) -> Chart | None:
    """Share warned by each message around a moment; ``None`` when no conversation has one.

    Args:
        line: figure by messages after the moment.
        about: the moment, as the axis names it: "the first sign".
        mark: what stands at the moment, on the drawing.
        label: for a screen reader.
    """
    known = {by: own for by, own in line.items() if own.value is not None}
    if not known:
        return None
    across = Axis(low=min(known), high=max(known), start=_LEFT, end=WIDTH - _RIGHT)
    canvas = _frame(label, f"messages before and after {about}")
    for by in range(min(known), max(known) + 1, 5):
        _tick(canvas, across.at(by), _signed(by))
    add(canvas, "line", x1=across.at(0), x2=across.at(0), y1=_TOP, y2=_floor(), kind="moment")
    text(canvas, across.at(0), _TOP - 10, mark, kind="mark", text_anchor="middle")
    _line(canvas, across, known)
    rows = tuple(_row(_signed(by), own) for by, own in known.items())
    said = [f"{_signed(by)} messages" if by else "at the moment" for by in known]
    head = ("messages", "warned", "95 % interval", "n")
    title = f"messages before and after {about}"
    return _chart(canvas, known, head, rows, said, title=title, marks=[(0, mark)])


def precision_chart(line: Mapping[float, Figure], marks: Sequence[float]) -> Chart | None:
    """Precision over base rates, logarithmic; ``marks`` are the rates that the tables state."""
    known = {rate: own for rate, own in line.items() if own.value is not None}
    if not known:
        return None
    across = Axis(low=min(known), high=max(known), start=_LEFT, end=WIDTH - _RIGHT, log=True)
    canvas = _frame("Share of nudges that are right, by how rare risky chats are", "risky chats")
    for power in range(-5, 0):
        _tick(canvas, across.at(10.0**power), f"1 in {10**-power:,}")
    for rate in marks:
        add(
            canvas,
            "line",
            x1=across.at(rate),
            x2=across.at(rate),
            y1=_TOP,
            y2=_floor(),
            kind="moment faint",
        )
    _line(canvas, across, known)
    rows = tuple(_row(words.one_in(rate), own) for rate, own in known.items())
    said = [f"{words.one_in(rate)} risky" for rate in known]
    head = ("risky", "right", "95 % interval", "n")
    lines = [(rate, "") for rate in marks]
    return _chart(canvas, known, head, rows, said, title="risky chats", marks=lines, log=True)


def reliability_chart(bins: Sequence[Bin], label: str) -> Chart | None:
    """Predicted risk against what came true; ``None`` without a trace."""
    if not bins:
        return None
    across = Axis(low=0.0, high=1.0, start=_LEFT, end=WIDTH - _RIGHT)
    upright = _upright()
    canvas = _frame(label, "risk that was predicted")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        _tick(canvas, across.at(share), f"{100 * share:.0f} %")
    ends = [(across.at(end), upright.at(end)) for end in (0.0, 1.0)]
    add(canvas, "path", d=path(ends), kind="diagonal")
    points = [(across.at(own.predicted), upright.at(own.observed)) for own in bins]
    add(canvas, "path", d=path(points), kind="line")
    for x, y in points:
        add(canvas, "circle", cx=x, cy=y, r=3.5, kind="point")
    rows = tuple(
        (f"{100 * b.predicted:.2f} %", f"{100 * b.observed:.2f} %", f"{100 * b.mass:.1f} %")
        for b in bins
    )
    said = [f"predicted {row[0]}, came true {row[1]}" for row in rows]
    return Chart(
        picture=markup(canvas),
        points=json.dumps(said),
        figure=reliability_figure(bins, said),
        head=("predicted", "came true", "share of points"),
        rows=rows,
    )


def _signed(by: int) -> str:
    return f"{by:+d}".replace("-", "−") if by else "0"


def _upright() -> Axis:
    return Axis(low=0.0, high=1.0, start=_floor(), end=_TOP)


def _floor() -> float:
    return HEIGHT - _BOTTOM


def _frame(label: str, across: str) -> ET.Element:
    canvas = drawing(WIDTH, HEIGHT, label, "chart")
    upright = _upright()
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = upright.at(share)
        add(canvas, "line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, kind="grid")
        text(canvas, _LEFT - 8, y + 4, f"{100 * share:.0f} %", kind="tick", text_anchor="end")
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    text(canvas, middle, HEIGHT - 4, across, kind="axis", text_anchor="middle")
    return canvas


def _tick(canvas: ET.Element, x: float, words_: str) -> None:
    add(canvas, "line", x1=x, x2=x, y1=_floor(), y2=_floor() + 4, kind="notch")
    text(canvas, x, _floor() + 18, words_, kind="tick", text_anchor="middle")


def _line(canvas: ET.Element, across: Axis, known: Known) -> None:
    upright = _upright()
    places = [(across.at(at), own) for at, own in known.items()]
    banded = [(x, own.low, own.high) for x, own in places]
    upper = [(x, upright.at(high)) for x, _, high in banded if high is not None]
    lower = [(x, upright.at(low)) for x, low, _ in banded if low is not None]
    if len(upper) > 1 and len(lower) > 1:
        add(canvas, "path", d=path([*upper, *reversed(lower)], close=True), kind="band")
    middle = [(x, upright.at(own.value)) for x, own in places if own.value is not None]
    add(canvas, "path", d=path(middle), kind="line")


def _row(name: str, own: Figure) -> tuple[str, ...]:
    return (name, words.shown(own, "share"), words.between(own, "share"), words.count(own.n))


def _chart(
    canvas: ET.Element,
    known: Known,
    head: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    said: Sequence[str],
    *,
    title: str,
    marks: Sequence[tuple[float, str]],
    log: bool = False,
) -> Chart:
    spoken = [f"{name}: {row[1]} ({row[2]})" for row, name in zip(rows, said, strict=True)]
    return Chart(
        picture=markup(canvas),
        points=json.dumps(spoken),
        figure=line_figure(known, spoken, title=title, marks=marks, log=log),
        head=head,
        rows=rows,
    )

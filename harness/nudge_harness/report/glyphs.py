"""Small pictures that sit in text: counted dots, interval bars, sparklines."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from nudge_harness.metrics.statistic import Figure
from nudge_harness.report.svg import Axis, add, drawing, markup, path


def dots(value: float, total: int, across: int, label: str, kind: str) -> Markup:
    """``total`` dots of which ``value`` (rounded) are marked.

    Args:
        value: how many, 0..total.
        total: number of dots.
        across: dots in a row.
        label: for a screen reader.
        kind: class of the marked ones: ``good`` or ``bad``.
    """
    step, radius = 10.0, 3.4 if total <= 100 else 3.0
    rows = -(-total // across)
    canvas = drawing(across * step, rows * step, label, "dots")
    marked = round(value)
    if value > 0 and marked == 0:
        marked = 1  # something happened; an empty picture would say otherwise
    turn = f"a{radius:g} {radius:g} 0 1 0 "
    round_dot = f"{turn}{2 * radius:g} 0{turn}{-2 * radius:g} 0"
    for name, chosen in (("dot", range(marked, total)), (f"dot {kind}", range(marked))):
        ink = "".join(
            f"M{i % across * step + step / 2 - radius:g} {(i // across + 0.5) * step:g}{round_dot}"
            for i in chosen
        )
        if ink:
            add(canvas, "path", d=ink, kind=name)
    return markup(canvas)


def interval(figure: Figure, top: float, label: str) -> Markup:
    """A bar from ``low`` to ``high`` with the value as a dot, on a scale from 0 to ``top``."""
    canvas = drawing(120, 14, label, "interval")
    axis = Axis(low=0.0, high=top or 1.0, start=4, end=116)
    add(canvas, "line", x1=4, x2=116, y1=7, y2=7, kind="track")
    if figure.low is not None and figure.high is not None:
        start, end = axis.at(max(figure.low, 0.0)), axis.at(min(figure.high, top))
        add(canvas, "line", x1=start, x2=max(end, start + 0.5), y1=7, y2=7, kind="span")
    if figure.value is not None:
        add(canvas, "circle", cx=axis.at(min(figure.value, top)), cy=7, r=3.5, kind="value")
    return markup(canvas)


def sparkline(risk: Sequence[float | None], nudges: Sequence[int], label: str) -> Markup:
    """The highest risk after each message, 0..1, with a dot on each nudge."""
    canvas = drawing(120, 28, label, "spark")
    across = Axis(low=0, high=max(len(risk) - 1, 1), start=3, end=117)
    upright = Axis(low=0.0, high=1.0, start=25, end=3)
    points = [(across.at(i), upright.at(r)) for i, r in enumerate(risk) if r is not None]
    add(canvas, "line", x1=3, x2=117, y1=25, y2=25, kind="track")
    if len(points) > 1:
        add(canvas, "path", d=path(points), kind="line")
    for at in nudges:
        level = risk[at] if at < len(risk) else None
        add(canvas, "circle", cx=across.at(at), cy=upright.at(level or 0.0), r=3, kind="nudge")
    return markup(canvas)

"""The interactive plots: figures for plotly.js, which stands in the page once, packed.

A figure is plain JSON in plotly's own format. A colour is the name of one of the page's own, as
``--good``, with its share of ink behind an ``@``; the page's script puts in what the name means in
light or in dark. Every plot stands on a drawing of the same data (`charts`), which is what is shown
without a script and in print, and beside a table of the same numbers.

plotly.js comes with the maintained Python package ``plotly`` (MIT), whole: 4.8 MB, packed to 2 MB
of text. The page unpacks it when a plot comes near; its hash stands in the page's policy, so that
no other script can run in its place.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from nudge_harness.metrics.calibration import Bin
from nudge_harness.metrics.statistic import Figure

Json: TypeAlias = dict[str, Any]
Known: TypeAlias = Mapping[int, Figure] | Mapping[float, Figure]

_DASHES: Final = {
    "grooming": "solid", "adult_content": "dash", "coercion": "dot", "scam_lure": "dashdot",
}  # fmt: skip
_INKS: Final = {
    "grooming": "--grooming", "adult_content": "--adult", "coercion": "--coercion",
    "scam_lure": "--scam",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """plotly.js, ready for the page.

    Attributes:
        text: gzip of the script, as base64.
        digest: its source for the page's content security policy.
        version: of the package.
    """

    text: str
    digest: str
    version: str


@cache
def packed() -> Packed:
    """plotly.js from the installed package; the same bytes for the same version."""
    import plotly
    from plotly.offline import get_plotlyjs

    script = str(get_plotlyjs()).encode("utf-8")
    return Packed(
        text=base64.b64encode(gzip.compress(script, 9, mtime=0)).decode("ascii"),
        digest=f"sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode('ascii')}",
        version=str(plotly.__version__),
    )


def figure(
    data: Sequence[Json], *, across: Json, upright: Json | None = None, **layout: Any
) -> str:
    """A figure as JSON. ``across`` and ``upright`` add to the axes."""
    base = {"gridcolor": "--faint", "linecolor": "--line", "zeroline": False, "tickcolor": "--line"}
    share = {"range": [0, 1.02], "tickformat": ".0%", "fixedrange": True, "tickvals": _QUARTERS}
    whole = {
        "xaxis": {**base, "showgrid": False, "ticks": "outside", **across},
        "yaxis": {**base, **share, **(upright or {})},
        "showlegend": False,
        "hovermode": "x",
        **layout,
    }
    return json.dumps({"data": list(data), "layout": whole}, allow_nan=False)


_QUARTERS: Final = (0, 0.25, 0.5, 0.75, 1)


def moment(at: float, words: str = "", ink: str = "--muted") -> tuple[Json, Json]:
    """A dashed upright line, and its name above the plot."""
    line = {
        "type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper",
        "line": {"color": ink, "width": 1, "dash": "dot"},
    }  # fmt: skip
    name = {
        "x": at, "y": 1, "yref": "paper", "yanchor": "bottom", "text": words, "showarrow": False,
        "font": {"color": "--ink", "size": 12},
    }  # fmt: skip
    return line, name


def banded(known: Known, said: Sequence[str]) -> list[Json]:
    """A line with its band; the line comes first and carries the words."""
    x = list(known)
    every = list(known.values())
    line = {
        "type": "scatter", "mode": "lines", "x": x, "y": [own.value for own in every],
        "line": {"color": "--good", "width": 2.5}, "text": list(said),
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    inside = [
        (at, own.low, own.high)
        for at, own in known.items()
        if own.low is not None and own.high is not None
    ]
    if len(inside) < 2:
        return [line]
    edge = [(at, high) for at, _, high in inside] + [(at, low) for at, low, _ in reversed(inside)]
    band = {
        "type": "scatter", "mode": "lines", "x": [at for at, _ in edge],
        "y": [y for _, y in edge], "fill": "toself", "fillcolor": "--good@0.16",
        "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip
    return [line, band]


def line_figure(
    known: Known, said: Sequence[str], *, title: str, marks: Sequence[tuple[float, str]], log: bool
) -> str:
    """Shares along an axis, with a band; on a logarithmic axis of base rates, ticks as "1 in n"."""
    shapes, names = zip(*[moment(at, words) for at, words in marks], strict=True)
    across: Json = {"title": {"text": title}}
    if log:
        powers = [10.0**power for power in range(-5, 0)]
        ticks = {"tickvals": powers, "ticktext": [f"1 in {round(1 / at):,}" for at in powers]}
        across |= {"type": "log", "tickangle": 0, "range": [-5.05, -0.95], **ticks}
        names = ()
    return figure(banded(known, said), across=across, shapes=shapes, annotations=names)


def reliability_figure(bins: Sequence[Bin], said: Sequence[str]) -> str:
    """Predicted risk against what came true, over the diagonal."""
    points = {
        "type": "scatter", "mode": "lines+markers", "x": [own.predicted for own in bins],
        "y": [own.observed for own in bins], "line": {"color": "--good", "width": 2},
        "marker": {"color": "--good", "size": 8}, "text": list(said),
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    diagonal = {
        "type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "hoverinfo": "skip",
        "line": {"color": "--line", "width": 1.5, "dash": "dash"},
    }  # fmt: skip
    across = {
        "title": {"text": "risk that was predicted"}, "range": [-0.02, 1.02],
        "tickformat": ".0%", "tickvals": _QUARTERS,
    }  # fmt: skip
    return figure([points, diagonal], across=across, hovermode="closest")


def case_figure(
    highest: Sequence[float | None],
    said: Sequence[str],
    kinds: Mapping[str, tuple[str, Sequence[float | None]]],
    nudges: Sequence[tuple[int, float]],
    marks: Sequence[tuple[int, str, str]],
) -> str:
    """Risk after each message.

    Args:
        highest: of the kinds, by message.
        said: the same in words.
        kinds: name of a kind to its title and its risk by message.
        nudges: index of a message and the height of the dot.
        marks: index of a message, name and colour.
    """
    number = list(range(1, len(highest) + 1))
    carrier = {
        "type": "scatter", "mode": "lines", "x": number, "y": list(highest), "text": list(said),
        "line": {"width": 0}, "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    drawn = [
        {
            "type": "scatter", "mode": "lines", "x": number, "y": list(risk), "name": title,
            "line": {"color": _INKS[kind], "width": 2.2, "dash": _DASHES[kind]},
            "hoverinfo": "skip",
        }
        for kind, (title, risk) in kinds.items()
    ]  # fmt: skip
    dots = {
        "type": "scatter", "mode": "markers", "x": [at + 1 for at, _ in nudges],
        "y": [height for _, height in nudges], "hoverinfo": "skip", "name": "Nudge",
        "marker": {"color": "--ink", "size": 10, "line": {"color": "--paper", "width": 1.5}},
    }  # fmt: skip
    moments = [moment(at + 1, words, ink) for at, words, ink in marks]
    for step, (_, name) in enumerate(moments):
        name["yshift"] = 14 * step  # two names at one place stay apart
    return figure(
        [carrier, *drawn, dots],
        across={
            "title": {"text": "message"},
            "tickformat": "d",
            "tick0": 1,
            "dtick": max(1, round(len(highest) / 6)),
            "range": [0.7, max(len(highest), 2) + 0.3],
        },
        shapes=[line for line, _ in moments],
        annotations=[name for _, name in moments],
    )

"""The few drawing primitives that the charts need.

Elements are built with the standard library's XML tree, so whatever stands in a label is escaped.
Colours come from CSS classes, which is what lets one drawing serve light, dark and print.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.etree import ElementTree as ET

from markupsafe import Markup

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """Maps values to pixels.

    Attributes:
        low, high: values at the two ends, both above 0 on a logarithmic axis.
        start, end: their pixels; ``start > end`` for an upright axis.
        log: whether equal ratios are equally long.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Pixel of a value, not clipped, to a tenth."""
        scale: Callable[[float], float] = math.log if self.log else float
        span = scale(self.high) - scale(self.low)
        share = (scale(value) - scale(self.low)) / span if span else 0.5
        return round(self.start + share * (self.end - self.start), 1)


def drawing(width: float, height: float, label: str, kind: str) -> ET.Element:
    """An SVG that scales with its box.

    ``label`` is what a screen reader says; without one it passes over the picture.
    """
    said = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return ET.Element("svg", {"viewBox": f"0 0 {width:g} {height:g}", "class": kind, **said})


def add(parent: ET.Element, tag: str, **attributes: float | str) -> ET.Element:
    """A child element; ``kind`` becomes ``class``, ``_`` in names becomes ``-``."""
    return ET.SubElement(
        parent,
        tag,
        {
            "class" if name == "kind" else name.replace("_", "-"): (
                value if isinstance(value, str) else f"{value:g}"
            )
            for name, value in attributes.items()
        },
    )


def text(parent: ET.Element, x: float, y: float, words: str, **attributes: float | str) -> None:
    """A line of text."""
    add(parent, "text", x=x, y=y, **attributes).text = words


def path(points: Sequence[Point], *, close: bool = False) -> str:
    """Path data through the points."""
    steps = " ".join(f"L{x:g} {y:g}" for x, y in points)
    return "M" + steps[1:] + ("Z" if close else "")


def markup(element: ET.Element) -> Markup:
    """The element as markup that a template may insert as it is."""
    return Markup(ET.tostring(element, encoding="unicode"))  # noqa: S704  (escaped by ElementTree)

"""The page of a study: what was found, its pictures, every cell in a table that sorts.

Its first picture is written on its own, too, for documents: light or dark as its reader has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nudge_harness.report import words
from nudge_harness.report.frame import environment, frame
from nudge_harness.report.page import provenance_rows
from nudge_harness.report.views import cell
from nudge_harness.studies.bench import RESAMPLES
from nudge_harness.studies.running import Studied

REPORT: Final = "report.html"
PICTURE: Final = "picture.svg"


def render(studied: Studied) -> str:
    """One self-contained HTML file."""
    study = studied.study
    template = environment().get_template("study.html.j2")
    page = template.render(
        name=study.name,
        title=study.title,
        question=study.question,
        says=study.says(studied.points),
        charts=study.charts(studied.points),
        axes=list(study.axes.values()),
        columns=[
            {"title": own.title, "meaning": own.meaning, "better": words.BETTER[own.direction]}
            for own in study.columns
        ],
        rows=[
            {
                "levels": [words.plain(point.cell[axis]) for axis in study.axes],
                "cells": [
                    cell(point.figures[own.name], own.unit)
                    if own.name in point.figures
                    else {"value": words.MISSING, "interval": words.MISSING, "key": ""}
                    for own in study.columns
                ],
            }
            for point in studied.points
        ],
        notes=study.notes,
        provenance=provenance_rows(studied.provenance, RESAMPLES),
        **frame(),
    )
    return page + "\n"


def alone(studied: Studied) -> str | None:
    """The study's first picture as an SVG file; ``None`` when it has none."""
    charts = studied.study.charts(studied.points)
    if not charts:
        return None
    style = f"<style>{frame()['style']} svg {{ background: var(--paper); }}</style>"
    tag, _, rest = str(charts[0][0].picture).partition(">")
    return f'{tag} xmlns="http://www.w3.org/2000/svg">{style}{rest}\n'


def write_pages(folder: Path, studied: Studied) -> list[Path]:
    """Write ``report.html`` and, where there is one, ``picture.svg``; what was written."""
    files = {REPORT: render(studied), PICTURE: alone(studied)}
    written = []
    for name, text in files.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
            written.append(folder / name)
    return written

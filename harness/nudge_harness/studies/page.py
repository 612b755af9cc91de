"""The page of a study: what was found, its pictures, every cell in a table that sorts."""

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


def write_page(folder: Path, studied: Studied) -> None:
    """Write ``report.html``."""
    (folder / REPORT).write_text(render(studied), encoding="utf-8")

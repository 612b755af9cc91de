"""Running a study: every cell once, kept, over processes or a cluster, and on after a kill.

A measured cell is a small JSON file under the study's folder, named after everything it depends
on; it appears whole or not at all. A run measures the cells that are missing and reads the others,
so a run that was killed goes on where it stopped, one with another setting measures only what is
new, and the number of workers changes nothing. ``results.json`` holds cells in the study's own
order and no time of day unless SOURCE_DATE_EPOCH is asked for by the caller.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from threadpoolctl import threadpool_limits

from nudge_harness.errors import FormatError
from nudge_harness.identity import bundle_hash
from nudge_harness.model import name_of
from nudge_harness.results import Provenance, commit_of, versions
from nudge_harness.studies.bench import RESAMPLES, Bench, whole
from nudge_harness.studies.catalogue import make
from nudge_harness.studies.study import Cell, Point, Study, point_from, point_to

RESULTS: Final = "results.json"
SCHEMA: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Studied:
    """A study with its measured cells, in its own order."""

    study: Study
    points: tuple[Point, ...]
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        """The object of ``results.json``."""
        return {
            "schema": SCHEMA,
            "study": self.study.name,
            "title": self.study.title,
            "question": self.study.question,
            "axes": dict(self.study.axes),
            "columns": {
                own.name: {
                    "title": own.title,
                    "unit": own.unit,
                    "direction": own.direction,
                    "meaning": own.meaning,
                }
                for own in self.study.columns
            },
            "says": self.study.says(self.points),
            "cells": [point_to(point) for point in self.points],
            "notes": list(self.study.notes),
            "resamples": RESAMPLES,
            "provenance": self.provenance.to_json(),
        }


def run_study(
    name: str, bench: Bench, *, command: str | None = None, created: str | None = None
) -> Studied:
    """Measure what is missing and gather all.

    Args:
        name: of the study, see `make`.
        bench: where, and on how much.
        command: that was given, for the record.
        created: UTC time for the record; left out, equal runs give equal bytes.

    Raises:
        UsageError: there is no such study.
        BundleError: the bundle is missing, damaged or not signed by the pinned key.
        WorkerError: a process died.
    """
    study = make(name)
    verified = bench.bundle.verified()
    cells = list(study.cells(bench))
    if any(not path_of(bench, name, cell).exists() for cell in cells):
        study.prepare(bench)
    work = _Measure(name, bench.sent())
    points = tuple(bench.each(study.name, work, cells, len(cells)))
    provenance = Provenance(
        created=created,
        commit=commit_of(Path(__file__).parent),
        bundle=name_of(verified),
        bundle_hash=bundle_hash(bench.bundle),
        command=command,
        seeds={"conversations": bench.seed, "intervals": bench.seed},
        versions=versions(),
    )
    return Studied(study=study, points=points, provenance=provenance)


@dataclass(frozen=True, slots=True)
class _Measure:
    """One cell in whatever process; the study is named, for its functions need not be picklable."""

    name: str
    bench: Bench

    def __call__(self, cell: Cell) -> Point:
        path = path_of(self.bench, self.name, cell)

        def write(target: Path) -> None:
            # One thread: how many a library starts would change the last digits, and processes
            # that each start as many as there are cores stand in each other's way.
            with threadpool_limits(1):
                figures = make(self.name).measure(self.bench, cell)
            text = json.dumps(point_to(Point(cell=cell, figures=figures)), sort_keys=True)
            target.write_text(text + "\n", encoding="utf-8")

        whole(path, write)
        return read_cell(path)


def path_of(bench: Bench, name: str, cell: Cell) -> Path:
    """File of a measured cell."""
    key = bench.key(study=name, cell=sorted(cell.items()))
    own = hashlib.sha256(name.encode()).hexdigest()[:8] if ":" in name else name
    return bench.folder / "cells" / f"{own}-{key}.json"


def read_cell(path: Path) -> Point:
    """A measured cell.

    Raises:
        FormatError: the file is damaged; delete it, and the cell is measured again.
    """
    try:
        value: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return point_from(value)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FormatError(path.name, 0, "", "is no measured cell; delete it") from None


def read_results(folder: Path) -> Studied:
    """What `write_results` wrote, to draw it again.

    Raises:
        UsageError: there is no such study any more.
        FormatError: there are no results, or they are damaged.
    """
    try:
        value: Mapping[str, Any] = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        return Studied(
            study=make(value["study"]),
            points=tuple(map(point_from, value["cells"])),
            provenance=Provenance(**value["provenance"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise FormatError(RESULTS, 0, "", "is no result of a study") from None


def write_results(folder: Path, studied: Studied) -> None:
    """Write ``results.json``."""
    text = json.dumps(studied.to_json(), indent=2, sort_keys=True, ensure_ascii=False)
    (folder / RESULTS).write_text(text + "\n", encoding="utf-8")

"""The record of a run: every figure with its direction, and what it came from.

A folder holds one run: ``results.json`` (figures and provenance, keys sorted, so that two equal
runs give equal bytes) and ``outcomes.jsonl`` (one outcome per conversation, without text), which a
later run needs for a paired comparison.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np

from nudge_harness.errors import FormatError
from nudge_harness.formats.lines import write_lines
from nudge_harness.metrics.catalogue import Direction, catalogue
from nudge_harness.metrics.evaluation import Evaluation
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.paired import Difference, compare
from nudge_harness.metrics.statistic import Figure
from nudge_harness.metrics.stored import outcome_to, read_outcomes
from nudge_harness.metrics.uncertainty import RESAMPLES

SCHEMA: Final = 1
RESULTS: Final = "results.json"
OUTCOMES: Final = "outcomes.jsonl"
_PACKAGES: Final = ("nudge-sdk", "nudge-harness", "numpy", "onnxruntime")


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Where figures come from.

    Attributes:
        created: UTC time, ISO 8601; ``None`` when the caller leaves it out for equal bytes.
        commit: of the project, with ``+changes`` when the checkout was not clean; ``None`` outside
            a checkout.
        bundle, bundle_hash: name and SHA-256 of the model's manifest.
        command: the command line that was given.
        seeds: by purpose.
        versions: of Python and of the packages that matter.
        inputs: SHA-256 of each input file by name.
        without: features that were taken away (`nudge_harness.ablate`).
    """

    created: str | None = None
    commit: str | None = None
    bundle: str | None = None
    bundle_hash: str | None = None
    command: str | None = None
    seeds: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The provenance as a JSON object."""
        return {
            "created": self.created,
            "commit": self.commit,
            "bundle": self.bundle,
            "bundle_hash": self.bundle_hash,
            "command": self.command,
            "seeds": dict(self.seeds),
            "versions": dict(self.versions),
            "inputs": dict(self.inputs),
            "without": list(self.without),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """A figure and which way is better."""

    figure: Figure
    direction: Direction

    def to_json(self) -> dict[str, Any]:
        """The figure's fields and the direction."""
        return {**self.figure.to_json(), "direction": self.direction}


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """One run.

    Attributes:
        title: what was run, in words.
        provenance: where the figures come from.
        measures: every overall figure by name (`Evaluation.flat`).
        detail: the evaluation's whole object, groups and counts included.
        beside: the same object of each baseline and peer, by title.
    """

    title: str
    provenance: Provenance
    measures: Mapping[str, Measure]
    detail: Mapping[str, Any]
    beside: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The record as a JSON object."""
        return {
            "schema": SCHEMA,
            "title": self.title,
            "provenance": self.provenance.to_json(),
            "metrics": {name: own.to_json() for name, own in self.measures.items()},
            "evaluation": dict(self.detail),
            "beside": {title: dict(own) for title, own in self.beside.items()},
        }


def record(
    title: str,
    evaluation: Evaluation,
    provenance: Provenance,
    beside: Mapping[str, Evaluation] | None = None,
) -> RunRecord:
    """The record of an evaluation; ``beside``: baselines and peers on the same file, by title."""
    return RunRecord(
        title=title,
        provenance=provenance,
        measures=measures(evaluation),
        detail=evaluation.to_json(),
        beside={name: own.to_json() for name, own in (beside or {}).items()},
    )


def measures(evaluation: Evaluation) -> dict[str, Measure]:
    """Every overall figure with its direction, by the name that gates use."""
    return {
        name: Measure(figure=figure, direction=direction_of(name))
        for name, figure in evaluation.flat().items()
    }


def direction_of(name: str) -> Direction:
    """Which way a figure of `Evaluation.flat` is better."""
    known = {metric.name: metric.direction for metric in catalogue()}
    if name.startswith("precision"):
        return "higher"
    if name.startswith("calibration"):
        return "lower"
    return known[name.rpartition(".")[2]]


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter; one that is not installed is left out."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit_of(folder: str | Path) -> str | None:
    """Commit of the checkout that holds ``folder``, ``+changes`` if not clean; ``None`` outside."""
    git = shutil.which("git")
    if git is None:
        return None

    def ask(*words: str) -> str | None:
        done = subprocess.run(  # noqa: S603  (fixed words, no shell)
            [git, "-C", str(folder), *words], capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else None

    head = ask("rev-parse", "HEAD")
    return head and head + ("+changes" if ask("status", "--porcelain") else "")


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal.

    Raises:
        FormatError: the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FormatError(Path(path).name, 0, "", (error.strerror or "").lower()) from None


def utc(seconds: float) -> str:
    """A time since the Unix epoch as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


def write_run(folder: str | Path, run: RunRecord, outcomes: Sequence[Outcome]) -> None:
    """Write a run into a folder, which is made when missing.

    Raises:
        FormatError: it cannot be written.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        text = json.dumps(run.to_json(), indent=2, sort_keys=True, ensure_ascii=False)
        (target / RESULTS).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise FormatError(RESULTS, 0, "", (error.strerror or "").lower()) from None
    write_lines(target / OUTCOMES, map(outcome_to, outcomes))


def read_run_outcomes(folder: str | Path) -> list[Outcome]:
    """Outcomes of a stored run, for a paired comparison.

    Raises:
        FormatError: the folder holds none, or a line is malformed.
    """
    return read_outcomes(Path(folder) / OUTCOMES)


def compare_to_run(
    folder: str | Path,
    outcomes: Sequence[Outcome],
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> dict[str, Difference]:
    """Difference of every metric to a stored run of the same conversations, paired.

    Args:
        folder: of the stored run.
        outcomes: of the run in question.
        rng: seeded generator.
        resamples: bootstrap resamples, at least 1.

    Raises:
        FormatError: the folder holds no outcomes, or a line is malformed.
        JoinError: the stored run is about other conversations.
    """
    return compare(outcomes, read_run_outcomes(folder), rng=rng, resamples=resamples)

"""Figures of a bundle, by the harness's own commands: what the card and the README say.

Generated test conversations under every choice of signals, and each file of a folder of real
conversations as it stands and with an unknown contact read as a stranger's. Whoever has the same
folders gets the same figures (`nudge-harness run`, `score` and `evaluate`).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from nudge_harness.errors import UnknownFieldWarning
from nudge_harness.evaluate import evaluate_files
from nudge_harness.formats import (
    read_conversations,
    read_scores,
    write_conversations,
    write_scores,
)
from nudge_harness.generate import generate
from nudge_harness.model import BundleChoice
from nudge_harness.peers.catalogue import Places, make
from nudge_harness.peers.fitting import fit
from nudge_harness.peers.measure import Teaching, scored
from nudge_harness.replay import NOTHING, Assume, Settings
from nudge_harness.scoring import score_file

from models.train.minilm import fetch_tokenizer

log = logging.getLogger(__name__)

SIGNALS: Final = ("all", "text", "metadata")
STRANGER: Final = Assume(relationship="stranger", days_known=0.0, user_age=12)
"""What `--assume relationship=stranger,days_known=0,user_age=12` means."""
BASELINES: Final = ("length", "metadata", "keywords", "minilm")  # of `nudge_harness.peers`
HEADLINES: Final = (
    "recall_before_harm",
    "right_kind",
    "early_recall",
    "premature",
    "false_per_1000",
)


def generated(
    bundle: BundleChoice, work: Path, n: int, seed: int, workers: int = 1
) -> dict[str, dict[str, Any]]:
    """Every figure of `evaluate` for each choice of signals, on ``n`` generated test chats."""
    work.mkdir(parents=True, exist_ok=True)
    truth = work / "test.jsonl.gz"
    write_conversations(truth, generate("test", seed, n=n))
    found: dict[str, dict[str, Any]] = {}
    for signals in SIGNALS:
        log.info("measuring generated chats, signals %s", signals)
        scores, trace = work / f"scores.{signals}.jsonl", work / f"trace.{signals}.jsonl.gz"
        score_file(
            truth,
            scores,
            settings=Settings(signals=signals),  # type: ignore[arg-type]
            bundle=bundle,
            trace=trace if signals == "all" else None,
            workers=workers,
        )
        found[signals] = evaluate_files(
            truth, scores, trace=trace if signals == "all" else None, seed=seed
        ).to_json()
    return found


def real_files(
    bundle: BundleChoice, folder: Path, work: Path, workers: int = 1
) -> list[dict[str, Any]]:
    """False nudges of each file's ordinary conversations, plain and as a stranger's.

    Returns:
        One row a file: ``file``, ``ordinary`` (how many), ``nudged`` and ``nudged_stranger`` (how
        many of them), and ``other``: label to (how many, nudged).
    """
    work.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    warnings.simplefilter("ignore", UnknownFieldWarning)  # source and licence, in every line
    for path in sorted(folder.glob("*.jsonl.gz")):
        log.info("measuring %s", path.name)
        labels = {c.id: c.label or "unlabelled" for c in read_conversations(path)}
        nudged = {}
        for name, assume in (("plain", NOTHING), ("stranger", STRANGER)):
            out = work / f"{path.name}.{name}.scores.jsonl"
            score_file(path, out, settings=Settings(assume=assume), bundle=bundle, workers=workers)
            nudged[name] = {row.id for row in read_scores(out) if row.nudges}
        rows.append(_row(path.name, labels, nudged["plain"], nudged["stranger"]))
    return rows


def baselines(
    files: Mapping[str, Path], work: Path, lessons: int, seed: int
) -> dict[str, dict[str, dict[str, Any]]]:
    """Every figure of `evaluate` for plain detectors on the same files, as `nudge-harness peers`.

    Each learns and sets its thresholds on generated training-side chats, for one budget.

    Args:
        files: names and labelled conversations.
        work: where vectors and scores are kept.
        lessons: chats that they learn from.
        seed: of the lessons and the intervals.

    Returns:
        File name to detector's title to figures.
    """
    teaching = Teaching(lessons=lessons, seed=seed)
    chats, places = teaching.chats(), Places(cache=work, tokenizer=fetch_tokenizer(work))
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in files}
    for detector in (make(name, places) for name in BASELINES):
        log.info("baseline: %s", detector.name)
        fitted = fit(detector, chats, teaching.budget)
        for name, truth in files.items():
            scores = work / f"{name}.{detector.name}.scores.jsonl"
            write_scores(scores, scored(fitted, read_conversations(truth)))
            found[name][detector.title] = evaluate_files(truth, scores, seed=seed).to_json()
    return found


def _row(
    name: str, labels: Mapping[str, str], plain: set[str], stranger: set[str]
) -> dict[str, Any]:
    ordinary = {id_ for id_, label in labels.items() if label == "benign"}
    other: dict[str, list[int]] = {}
    for id_, label in labels.items():
        if label != "benign":
            tally = other.setdefault(label, [0, 0])
            tally[0] += 1
            tally[1] += id_ in plain
    return {
        "file": name,
        "ordinary": len(ordinary),
        "nudged": len(ordinary & plain),
        "nudged_stranger": len(ordinary & stranger),
        "other": other,
    }

"""``nudge-harness run``: generate, score, evaluate and report, all in one.

::

    test side -> conversations.jsonl.gz -> scores.SIGNALS.jsonl for all, text and metadata
              -> (peers: their scores on the same file)
              -> results.json, outcomes.jsonl, report.html, a table in the terminal

Everything lands in one folder. With the same seed, numbers and bundle, every file but the times in
``results.json`` and ``report.html`` comes out the same, whatever the number of workers; with
SOURCE_DATE_EPOCH set, these too.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, get_args

import numpy as np

from nudge_harness import console
from nudge_harness.errors import UsageError
from nudge_harness.evaluate import Evaluated, evaluate_files
from nudge_harness.formats import Conversation, write_conversations
from nudge_harness.gates import Gates, Row, check_gates, junit
from nudge_harness.generate import generate
from nudge_harness.identity import source_hash
from nudge_harness.metrics.evaluation import Evaluation
from nudge_harness.metrics.paired import Difference
from nudge_harness.model import SHIPPED, BundleChoice, name_of
from nudge_harness.peers.detector import Detector
from nudge_harness.peers.measure import Measured, Teaching, measure
from nudge_harness.replay import Settings
from nudge_harness.report.files import REPORT, report_of, write_report
from nudge_harness.results import (
    Provenance,
    commit_of,
    compare_to_run,
    measures,
    read_run_outcomes,
    record,
    sha256_of,
    utc,
    versions,
    write_run,
)
from nudge_harness.scoring import score_file
from nudge_sdk.bundle import shipped_directory
from nudge_sdk.engine import Signals

CONVERSATIONS: Final = "conversations.jsonl.gz"
TRACE: Final = "trace.jsonl.gz"
GENERATED: Final = "conversations.journal"  # while a resumable run is under way
JUNIT: Final = "gates.xml"
DEFAULT_N: Final = 4_000  # half of them risky: above the 1,000 that headline figures need
TITLE: Final = "Generated test conversations"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to run.

    Attributes:
        trace: keep cues and risk per message, for calibration and the explorer.
        against: folder of a stored run of the same conversations, to compare with.
        without: features taken away (`nudge_harness.ablate`).
        peers: other detectors to measure on the same file, each taught as ``teaching`` says.
        scheduler: address of a Dask scheduler whose workers score.
        resume: go on where a run of the same plan was killed (`nudge_harness.journal`).
    """

    folder: Path
    n: int = DEFAULT_N
    seed: int = 0
    workers: int = 1
    bundle: BundleChoice = SHIPPED
    gates: Gates | None = None
    trace: bool = True
    command: str | None = None
    against: Path | None = None
    without: frozenset[str] = frozenset()
    peers: tuple[Detector, ...] = ()
    teaching: Teaching = field(default_factory=Teaching)
    scheduler: str | None = None
    resume: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What a run found.

    Attributes:
        results: for each choice of signals.
        peers: by name.
        differences: to the stored run; ``None`` without one.
        gates: how they went.
    """

    results: Mapping[str, Evaluated]
    peers: Mapping[str, Measured]
    differences: Mapping[str, Difference] | None
    gates: tuple[Row, ...]

    @property
    def main(self) -> Evaluation:
        """The evaluation with all signals."""
        return self.results["all"].evaluation


def run(plan: Plan, begin: console.Steps = console.silent) -> Done:
    """Run a plan and write its folder.

    Raises:
        FormatError: the folder cannot be written.
        BundleError: the bundle is missing, damaged or not signed by the pinned key.
        JoinError: the stored run is about other conversations.
        UsageError: a number is out of range.
    """
    plan.bundle.verified()
    if plan.against is not None:
        read_run_outcomes(plan.against)  # before the long part
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"-o: the folder cannot be made: {(error.strerror or '').lower()}"
        ) from None
    truth = plan.folder / CONVERSATIONS
    messages = _generate(plan, truth, begin("generating", None))
    results = {}
    for signals in get_args(Signals):
        counted = begin(f"scoring {signals}", messages)
        results[signals] = _score(plan, truth, signals, counted)
    peers = measure(
        plan.peers, truth, plan.folder, teaching=plan.teaching, seed=plan.seed, begin=begin
    )
    begin("reporting", None)
    outcomes, rng = results["all"].outcomes, np.random.default_rng(plan.seed)
    differences = None if plan.against is None else compare_to_run(plan.against, outcomes, rng)
    figures = measures(results["all"].evaluation)
    rows = () if plan.gates is None else check_gates(plan.gates, figures, differences)
    done = Done(results=results, peers=peers, differences=differences, gates=rows)
    _write(plan, truth, done)
    for journal in plan.folder.glob("*.journal"):
        journal.unlink()
    return done


def _generate(plan: Plan, truth: Path, counted: console.Counter) -> int:
    """Write the conversations, unless a run like this one has; return how many messages."""
    made = {"key": f"{plan.n} {plan.seed} {source_hash()}", "sha256": ""}
    noted = plan.folder / GENERATED
    if plan.resume and truth.exists() and noted.exists():
        known = json.loads(noted.read_text(encoding="ascii"))
        if known == {**made, "sha256": sha256_of(truth), "messages": known.get("messages")}:
            return int(known["messages"])
    messages = _generate_anew(plan, truth, counted)
    if plan.resume:
        made = {**made, "sha256": sha256_of(truth)}
        noted.write_text(json.dumps({**made, "messages": messages}), encoding="ascii")
    return messages


def _generate_anew(plan: Plan, truth: Path, counted: console.Counter) -> int:
    messages = 0

    def passing() -> Iterator[Conversation]:
        nonlocal messages
        for conversation in generate("test", plan.seed, n=plan.n):
            messages += len(conversation.messages)
            counted(len(conversation.messages))
            yield conversation

    write_conversations(truth, passing())
    return messages


def _score(plan: Plan, truth: Path, signals: Signals, counted: console.Counter) -> Evaluated:
    scores = plan.folder / f"scores.{signals}.jsonl"
    trace = plan.folder / TRACE if plan.trace and signals == "all" else None
    score_file(
        truth,
        scores,
        settings=Settings(signals=signals, without=plan.without),
        bundle=plan.bundle,
        trace=trace,
        workers=plan.workers,
        scheduler=plan.scheduler,
        resume=plan.resume,
        heard=counted,
    )
    return evaluate_files(truth, scores, trace=trace, seed=plan.seed)


def _write(plan: Plan, truth: Path, done: Done) -> None:
    found = replace(done.results["all"], differences=done.differences)
    beside = {
        f"nudge-sdk, {name} only": own.evaluation
        for name, own in done.results.items()
        if name != "all"
    } | {own.title: own.evaluated.evaluation for own in done.peers.values()}
    provenance = _provenance(plan, truth)
    write_run(plan.folder, record(TITLE, found.evaluation, provenance, beside), found.outcomes)
    page = report_of(
        found,
        title=TITLE,
        provenance=provenance,
        truth=truth,
        trace=plan.folder / TRACE if plan.trace else None,
        generated=True,
        beside=beside,
        gates=done.gates,
    )
    write_report(plan.folder / REPORT, page, np.random.default_rng(plan.seed))
    if done.gates:
        (plan.folder / JUNIT).write_text(junit(done.gates), encoding="utf-8")


def _provenance(plan: Plan, truth: Path) -> Provenance:
    folder = shipped_directory() if plan.bundle.folder is None else plan.bundle.folder
    return Provenance(
        created=utc(float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())),
        commit=commit_of(Path(__file__).parent),
        bundle=name_of(plan.bundle.verified()),
        bundle_hash=sha256_of(folder / "manifest.json"),
        command=plan.command,
        seeds={"conversations": plan.seed, "intervals": plan.seed},
        versions=versions(),
        inputs={CONVERSATIONS: sha256_of(truth)},
        without=tuple(sorted(plan.without)),
    )

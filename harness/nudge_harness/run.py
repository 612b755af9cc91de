"""``nudge-harness run``: generate, score, evaluate and report, all in one.

::

    test side -> conversations.jsonl.gz -> scores.SIGNALS.jsonl for all, text and metadata
              -> results.json, outcomes.jsonl, report.html, a table in the terminal

Everything lands in one folder. With the same seed, numbers and bundle, every file but the times in
``results.json`` and ``report.html`` comes out the same, whatever the number of workers; with
SOURCE_DATE_EPOCH set, these too.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import numpy as np

from nudge_harness import console
from nudge_harness.errors import UsageError
from nudge_harness.evaluate import Evaluated, evaluate_files
from nudge_harness.formats import Conversation, write_conversations
from nudge_harness.gates import Gates, Row, as_table, check_gates, failed, junit, read_gates
from nudge_harness.generate import generate
from nudge_harness.metrics.evaluation import Evaluation
from nudge_harness.model import SHIPPED, BundleChoice, name_of
from nudge_harness.replay import Settings
from nudge_harness.report.files import REPORT, report_of, write_report
from nudge_harness.report.terminal import summary
from nudge_harness.results import (
    Provenance,
    commit_of,
    measures,
    record,
    sha256_of,
    utc,
    versions,
    write_run,
)
from nudge_harness.run_table import by_signals, drawn
from nudge_harness.score import add_bundle_arguments, bundle_from, workers_from
from nudge_harness.scoring import score_file
from nudge_harness.workers import usable_cpus
from nudge_sdk.bundle import shipped_directory
from nudge_sdk.engine import Signals

CONVERSATIONS: Final = "conversations.jsonl.gz"
TRACE: Final = "trace.jsonl.gz"
JUNIT: Final = "gates.xml"
DEFAULT_N: Final = 4_000  # half of them risky: above the 1,000 that headline figures need
DEFAULT_FOLDER: Final = "nudge-run"
TITLE: Final = "Generated test conversations"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to run. ``trace``: keep cues and risk per message, for calibration and the explorer."""

    folder: Path
    n: int = DEFAULT_N
    seed: int = 0
    workers: int = 1
    bundle: BundleChoice = SHIPPED
    gates: Gates | None = None
    trace: bool = True
    command: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What a run found: an evaluation for each choice of signals, and how the gates went."""

    results: Mapping[str, Evaluated]
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
        UsageError: a number is out of range.
    """
    plan.bundle.verified()
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
    begin("reporting", None)
    rows = (
        () if plan.gates is None else check_gates(plan.gates, measures(results["all"].evaluation))
    )
    _write(plan, truth, results, rows)
    return Done(results=results, gates=rows)


def _generate(plan: Plan, truth: Path, counted: console.Counter) -> int:
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
        settings=Settings(signals=signals),
        bundle=plan.bundle,
        trace=trace,
        workers=plan.workers,
        heard=counted,
    )
    return evaluate_files(truth, scores, trace=trace, seed=plan.seed)


def _write(
    plan: Plan, truth: Path, results: Mapping[str, Evaluated], rows: tuple[Row, ...]
) -> None:
    found = results["all"]
    provenance = _provenance(plan, truth)
    write_run(plan.folder, record(TITLE, found.evaluation, provenance), found.outcomes)
    page = report_of(
        found,
        title=TITLE,
        provenance=provenance,
        truth=truth,
        trace=plan.folder / TRACE if plan.trace else None,
        generated=True,
        beside={f"{name} only": own.evaluation for name, own in results.items() if name != "all"},
        gates=rows,
    )
    write_report(plan.folder / REPORT, page, np.random.default_rng(plan.seed))
    if rows:
        (plan.folder / JUNIT).write_text(junit(rows), encoding="utf-8")


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
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "-n", type=int, default=DEFAULT_N, help=f"conversations (default: {DEFAULT_N})"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed (default: 0)")
    parser.add_argument(
        "-o",
        type=Path,
        default=Path(DEFAULT_FOLDER),
        metavar="DIR",
        help=f"folder to write (default: {DEFAULT_FOLDER})",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=usable_cpus(),
        metavar="K",
        help="processes; the result is the same for any number (default: one a core)",
    )
    parser.add_argument(
        "--gate", type=Path, metavar="TOML", help="figures to reach; exit code 1 if one is missed"
    )
    parser.add_argument(
        "--no-trace",
        dest="trace",
        action="store_false",
        help="keep no cues and risk per message: quicker and smaller, no calibration",
    )
    add_bundle_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if args.n < 1:
        raise UsageError("-n must be at least 1")
    plan = Plan(
        folder=args.o,
        n=args.n,
        seed=args.seed,
        workers=workers_from(args),
        bundle=bundle_from(args),
        gates=None if args.gate is None else read_gates(args.gate),
        trace=args.trace,
        command=f"nudge-harness run -n {args.n} --seed {args.seed}",
    )
    with console.steps("messages") as begin:
        done = run(plan, begin)
    _show(done)
    console.note(f"report: {plan.folder / REPORT}")
    if done.gates:
        console.result(as_table(done.gates))
    return 1 if failed(done.gates) else 0


def _show(done: Done) -> None:
    evaluations = {name: own.evaluation for name, own in done.results.items()}
    if console.is_terminal():
        console.show(drawn(evaluations))
    else:
        console.result(f"{summary(done.main)}\n{by_signals(evaluations)}")

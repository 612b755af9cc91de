"""`nudge-harness evaluate`: how good were these scores, whoever made them?

Reads a truth file and a scores file in the formats of DESIGN.md, section 5, joins them by id and
measures. Texts are read and dropped line by line.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nudge_harness import console
from nudge_harness.formats import read_conversations, read_scores
from nudge_harness.metrics.curve import Curve, read_curves
from nudge_harness.metrics.evaluation import Evaluation, check_settings, evaluate
from nudge_harness.metrics.join import MismatchError, join
from nudge_harness.metrics.latency import DEFAULT_P
from nudge_harness.metrics.outcome import Outcome
from nudge_harness.metrics.paired import Difference, compare
from nudge_harness.metrics.uncertainty import RESAMPLES
from nudge_harness.report.terminal import summary

__all__ = ["Evaluated", "add_arguments", "evaluate", "evaluate_files", "main"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluated:
    """What `evaluate_files` found.

    Attributes:
        outcomes: joined truth and scores, in the order of the truth.
        evaluation: the figures.
        differences: to the other scores, by metric; ``None`` when there are none.
        curves: message-level risk by conversation id; empty without a trace.
        seed: of the resamples.
        skipped: malformed lines left out with ``keep_going``.
    """

    outcomes: Sequence[Outcome]
    evaluation: Evaluation
    differences: Mapping[str, Difference] | None
    curves: Mapping[str, Curve]
    seed: int
    skipped: int

    def to_json(self) -> dict[str, Any]:
        """The evaluation's object with the seed, and ``against`` where there are other scores."""
        plain = {**self.evaluation.to_json(), "seed": self.seed, "skipped": self.skipped}
        if self.differences is not None:
            plain["against"] = {name: own.to_json() for name, own in self.differences.items()}
        return plain


def evaluate_files(
    truth: str | Path,
    scores: str | Path,
    *,
    trace: str | Path | None = None,
    against: str | Path | None = None,
    seed: int = 0,
    p: float = DEFAULT_P,
    resamples: int = RESAMPLES,
    keep_going: bool = False,
) -> Evaluated:
    """Measure a scores file against a truth file.

    Args:
        truth: conversations, JSON Lines, plain or gzip.
        scores: one line for each of them, in any order.
        trace: message-level risk, for calibration.
        against: scores of another detector on the same truth.
        seed: of the resamples.
        p: patience of speed and F-latency, per message.
        resamples: bootstrap resamples.
        keep_going: leave out malformed lines of the truth and count them.

    Raises:
        FormatError: a malformed line, named by file, line and field.
        JoinError: ids that are missing, extra or repeated, or lines about other conversations.
        UsageError: ``p`` or ``resamples`` out of range.
    """
    check_settings(p, resamples)
    conversations = read_conversations(truth, keep_going=keep_going)
    outcomes = join(conversations, read_scores(scores))
    curves = {} if trace is None else fitting_curves(read_curves(trace), outcomes)
    evaluation = evaluate(
        outcomes, rng=np.random.default_rng(seed), curves=curves, p=p, resamples=resamples
    )
    differences = None
    if against is not None:
        others = join(read_conversations(truth, keep_going=keep_going), read_scores(against))
        rng = np.random.default_rng(seed)
        differences = compare(outcomes, others, rng=rng, p=p, resamples=resamples)
    return Evaluated(
        outcomes=outcomes,
        evaluation=evaluation,
        differences=differences,
        curves=curves,
        seed=seed,
        skipped=conversations.skipped,
    )


def fitting_curves(curves: Mapping[str, Curve], outcomes: Sequence[Outcome]) -> Mapping[str, Curve]:
    """The curves, once it is clear that they belong to these conversations.

    Raises:
        MismatchError: a conversation has no curve, or one longer than itself.
    """
    for outcome in outcomes:
        curve = curves.get(outcome.id)
        if curve is None:
            raise MismatchError(f"{outcome.id[:40]!a}: the trace lacks this conversation")
        if len(curve.risk) > outcome.messages:
            raise MismatchError(f"{outcome.id[:40]!a}: the trace has more messages than the truth")
    return curves


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``nudge-harness evaluate``."""
    parser.add_argument("truth", type=Path, help="conversations with labels, .jsonl or .jsonl.gz")
    parser.add_argument("scores", type=Path, help="their scores, .jsonl or .jsonl.gz")
    parser.add_argument("--trace", type=Path, help="message-level risk, for calibration")
    parser.add_argument(
        "--against", type=Path, metavar="SCORES", help="scores of another detector to compare with"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--seed", type=int, default=0, help="of the intervals (default: 0)")
    parser.add_argument(
        "--p",
        type=float,
        default=DEFAULT_P,
        help="patience of speed and F-latency, per message (default: %(default)s, as eRisk)",
    )
    parser.add_argument(
        "--resamples", type=int, default=RESAMPLES, help="behind each interval (default: 1000)"
    )
    parser.add_argument(
        "--keep-going", action="store_true", help="leave out malformed lines of the truth"
    )


def main(args: argparse.Namespace) -> int:
    """Run ``nudge-harness evaluate``.

    Raises:
        HarnessError: see `evaluate_files`; the command line turns it into exit code 2.
    """
    found = evaluate_files(
        args.truth,
        args.scores,
        trace=args.trace,
        against=args.against,
        seed=args.seed,
        p=args.p,
        resamples=args.resamples,
        keep_going=args.keep_going,
    )
    if args.json:
        console.result(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
    else:
        console.result(summary(found.evaluation, found.differences).rstrip())
    if found.skipped:
        console.note(f"{found.skipped} malformed lines of the truth were left out")
    return 0

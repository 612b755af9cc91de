"""``nudge-harness peers``: the shipped detector beside others, on the same file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

from nudge_harness import console
from nudge_harness.errors import UsageError
from nudge_harness.evaluate import Evaluated, evaluate_files
from nudge_harness.peers.catalogue import PEERS, Places, make
from nudge_harness.peers.detector import Detector
from nudge_harness.peers.fitting import BUDGET
from nudge_harness.peers.measure import LESSONS, Teaching, measure
from nudge_harness.replay import NOTHING, Settings
from nudge_harness.report import words
from nudge_harness.report.terminal import table
from nudge_harness.score import add_bundle_arguments, assume_from, bundle_from, workers_from
from nudge_harness.scoring import score_file
from nudge_harness.workers import add_workers_argument
from nudge_sdk.engine import Signals

RECORD: Final = "peers.json"
COLUMNS: Final = ("recall_before_harm", "early_recall", "right_kind", "false_per_1000", "f_latency")
TITLES: Final = {
    "all": "nudge-sdk, all signals",
    "text": "nudge-sdk, text only",
    "metadata": "nudge-sdk, metadata only",
}


def add_peer_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the peers, the same for every command that measures them."""
    parser.add_argument(
        "--train", type=Path, metavar="FILE", help="training-side chats (default: generated)"
    )
    parser.add_argument(
        "--lessons", type=int, default=LESSONS, metavar="N", help=f"generated (default: {LESSONS})"
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=BUDGET,
        help=f"share of benign training-side chats that a peer may nudge (default: {BUDGET})",
    )
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="for MiniLM's tokenizer and training vectors"
    )
    parser.add_argument(
        "--tokenizer", type=Path, metavar="FILE", help="MiniLM's tokenizer.json, not to be fetched"
    )


def teaching_from(args: argparse.Namespace) -> Teaching:
    """What the options say that peers learn from.

    Raises:
        UsageError: too few lessons.
    """
    if args.lessons < 1:
        raise UsageError("--lessons must be at least 1")
    return Teaching(train=args.train, lessons=args.lessons, seed=args.seed, budget=args.budget)


def peers_from(args: argparse.Namespace, names: str) -> tuple[Detector, ...]:
    """The peers that the options name, made before anything is written.

    Raises:
        UsageError: an unknown one, or one that lacks a package.
    """
    places = Places(cache=args.cache, tokenizer=args.tokenizer)
    return tuple(make(name, places) for name in (PEERS if names == "all" else names.split(",")))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("truth", type=Path, metavar="FILE", help="labelled chats, .jsonl[.gz]")
    parser.add_argument("-o", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument(
        "--only",
        metavar="NAMES",
        default="all",
        help=f"of {','.join(PEERS)}, or package.module:Name; comma between (default: all)",
    )
    parser.add_argument("--assume", metavar="FIELDS", help="fill what the file lacks, as in score")
    parser.add_argument("--seed", type=int, default=0, help="of lessons and intervals")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_workers_argument(parser)
    add_peer_arguments(parser)
    add_bundle_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    assume = NOTHING if args.assume is None else assume_from(args.assume)
    teaching, detectors = teaching_from(args), peers_from(args, args.only)
    args.o.mkdir(parents=True, exist_ok=True)
    with console.steps("messages") as begin:
        found: dict[str, tuple[str, Evaluated]] = {}
        for signals in get_args(Signals):
            scores = args.o / f"scores.{signals}.jsonl"
            score_file(
                args.truth,
                scores,
                settings=Settings(signals=signals, assume=assume),
                bundle=bundle_from(args),
                workers=workers_from(args),
                heard=begin(f"scoring {signals}", None),
            )
            found[f"nudge_{signals}"] = (
                TITLES[signals],
                evaluate_files(args.truth, scores, seed=args.seed),
            )
        peers = measure(
            detectors,
            args.truth,
            args.o,
            teaching=teaching,
            assume=assume,
            seed=args.seed,
            begin=begin,
        )
    plain: dict[str, Any] = {
        name: {"title": title, **own.to_json()} for name, (title, own) in found.items()
    }
    plain |= {name: own.to_json() for name, own in peers.items()}
    text = json.dumps(plain, indent=2, sort_keys=True)
    (args.o / RECORD).write_text(text + "\n", encoding="utf-8")
    rows = dict(found.values()) | {own.title: own.evaluated for own in peers.values()}
    console.result(text if args.json else as_columns(rows))
    console.note(f"written: {args.o / RECORD}")
    return 0


def as_columns(rows: Mapping[str, Evaluated]) -> str:
    """One line a detector: the first figures, with the interval of recall and of false nudges."""
    head = (
        "",
        "recall before harm",
        "95 %",
        "early",
        "right kind",
        "false per 1,000",
        "95 %",
        "F-latency",
    )
    lines: list[tuple[str, ...]] = [head]
    for title, own in rows.items():
        recall, early, right, false, f_latency = (own.evaluation.figures[name] for name in COLUMNS)
        lines.append(
            (
                title,
                words.shown(recall, "share"),
                words.between(recall, "share"),
                words.shown(early, "share"),
                words.shown(right, "share"),
                words.shown(false, "per 1,000"),
                words.between(false, "per 1,000"),
                words.shown(f_latency, "score"),
            )
        )
    return table(lines)

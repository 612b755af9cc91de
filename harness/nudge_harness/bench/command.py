"""``nudge-harness bench``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from nudge_harness import console
from nudge_harness.bench.measure import PARTS, bench
from nudge_harness.bench.scale import scale
from nudge_harness.bench.where import table
from nudge_harness.score import add_bundle_arguments, bundle_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--calls", type=int, default=2_000, help="timed calls (default: 2000)")
    parser.add_argument(
        "--starts", type=int, default=5, help="cold starts of each kind (default: 5)"
    )
    parser.add_argument(
        "--no-instructions",
        dest="instructions",
        action="store_false",
        help="do not count instructions with valgrind, which takes some minutes",
    )
    parser.add_argument(
        "--peers", action="store_true", help="MiniLM int8 and alt-profanity-check beside ours"
    )
    parser.add_argument(
        "--where", action="store_true", help="only where the time goes, as a table in Markdown"
    )
    parser.add_argument(
        "--scale",
        type=int,
        nargs="+",
        metavar="MESSAGES",
        help="only files of so many messages, scored from end to end: memory, and time a message",
    )
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        default=[1, 2],
        metavar="K",
        help="processes of --scale (default: 1 2)",
    )
    add_bundle_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if args.scale:
        return _scale(args)
    with console.steps("parts") as begin:
        measured = bench(
            bundle_from(args),
            calls=max(args.calls, 1),
            starts=max(args.starts, 1),
            instructions=args.instructions,
            peers=args.peers,
            step=begin("measuring", PARTS),
        )
    if args.where:
        console.result(table(measured.stages_us, measured.instructions))
        return 0
    plain = {name: value for name, value in asdict(measured).items() if value is not None}
    console.result(json.dumps(plain) if args.json else as_text(plain))
    return 0


def _scale(args: argparse.Namespace) -> int:
    runs = len(args.scale) * len(args.workers)
    with console.steps("runs") as begin:
        rows = scale(bundle_from(args), args.scale, args.workers, begin("scoring", runs))
    plain = [asdict(row) for row in rows]
    console.result(json.dumps(plain) if args.json else "\n\n".join(map(as_text, plain)))
    return 0


def as_text(plain: dict[str, Any]) -> str:
    """The measurement as lines for people."""
    return "\n".join(f"{name:<28} {_shown(value)}" for name, value in plain.items())


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {number:,}" for name, number in value.items())
    return f"{value:,}"

"""``nudge-harness bench``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from nudge_harness import console
from nudge_harness.bench.measure import PARTS, bench
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
        help="do not count instructions with valgrind, which takes about a minute",
    )
    add_bundle_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    with console.steps("parts") as begin:
        measured = bench(
            bundle_from(args),
            calls=max(args.calls, 1),
            starts=max(args.starts, 1),
            instructions=args.instructions,
            step=begin("measuring", PARTS),
        )
    plain = asdict(measured)
    if plain["engine_instructions"] is None:
        del plain["engine_instructions"]
    console.result(json.dumps(plain) if args.json else as_text(plain))
    return 0


def as_text(plain: dict[str, Any]) -> str:
    """The measurement as lines for people."""
    return "\n".join(f"{name:<28} {_shown(value)}" for name, value in plain.items())


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {number:,}" for name, number in value.items())
    return f"{value:,}"

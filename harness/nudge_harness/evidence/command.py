"""``nudge-harness evidence``: a dated folder for a DPIA or a risk assessment."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Final

from nudge_harness import console
from nudge_harness.errors import UsageError
from nudge_harness.evidence.pack import PAGE, write_pack
from nudge_harness.results import utc
from nudge_harness.run import DEFAULT_N, Plan, run
from nudge_harness.score import add_bundle_arguments, bundle_from, workers_from
from nudge_harness.workers import add_workers_argument

GENERATED: Final = "generated"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("-o", type=Path, required=True, metavar="DIR", help="where the folder goes")
    parser.add_argument(
        "--run",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a stored run to rest on, may be repeated (default: a new one of generated chats)",
    )
    parser.add_argument(
        "-n", type=int, default=DEFAULT_N, help=f"chats of a new run (default: {DEFAULT_N})"
    )
    parser.add_argument("--seed", type=int, default=0, help="of a new run (default: 0)")
    add_workers_argument(parser)
    add_bundle_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Run the command; exit code 1 when a check of the pack does not hold."""
    if args.n < 1:
        raise UsageError("-n must be at least 1")
    made = utc(float(os.environ.get("SOURCE_DATE_EPOCH") or time.time()))
    folder = args.o / f"evidence-{made[:10]}"
    runs = [(path.name or "run", path) for path in args.run] or [(GENERATED, _fresh(args, folder))]
    if len({name for name, _ in runs}) < len(runs):
        raise UsageError("--run: the folders must have different names")
    checks = write_pack(folder, runs, made=made, bundle=bundle_from(args))
    for check in checks:
        mark = "ok" if check.passed else "FAILED"
        console.result(f"{mark:6}  {check.name}: {check.found}")
    console.note(f"written: {folder / PAGE}")
    return 0 if all(check.passed for check in checks) else 1


def _fresh(args: argparse.Namespace, folder: Path) -> Path:
    target: Path = folder / GENERATED
    plan = Plan(
        folder=target,
        n=args.n,
        seed=args.seed,
        workers=workers_from(args),
        bundle=bundle_from(args),
        trace=False,
        command=f"nudge-harness run -n {args.n} --seed {args.seed}",
    )
    with console.steps("messages") as begin:
        run(plan, begin)
    return target

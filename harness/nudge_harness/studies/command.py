"""``nudge-harness study NAME -o DIR``: measure every cell, then ``results.json``, ``report.html``
and ``picture.svg``."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from nudge_harness import console
from nudge_harness.errors import UsageError
from nudge_harness.peers.fitting import BUDGET
from nudge_harness.results import utc
from nudge_harness.score import add_bundle_arguments, bundle_from, workers_from
from nudge_harness.studies.bench import Bench
from nudge_harness.studies.catalogue import STUDIES
from nudge_harness.studies.page import write_pages
from nudge_harness.studies.running import (
    RESULTS,
    Studied,
    read_results,
    run_study,
    write_results,
)
from nudge_harness.workers import add_workers_argument

USUAL = Bench(folder=Path())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "name", metavar="NAME", help=f"{', '.join(STUDIES)}, or package.module:NAME"
    )
    parser.add_argument("-o", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument(
        "-n", type=int, default=USUAL.n, help=f"test-side conversations (default: {USUAL.n})"
    )
    parser.add_argument(
        "--lessons",
        type=int,
        default=USUAL.lessons,
        metavar="N",
        help=f"training-side conversations (default: {USUAL.lessons})",
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=BUDGET,
        help=f"share of benign chats that may get a nudge (default: {BUDGET})",
    )
    parser.add_argument("--seed", type=int, default=0, help="of everything drawn (default: 0)")
    add_workers_argument(parser)
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="Dask scheduler whose workers to use; DIR has to be one that they all see",
    )
    parser.add_argument(
        "--redraw",
        action="store_true",
        help="measure nothing: draw the page and the picture of DIR/results.json again",
    )
    add_bundle_arguments(parser)


def bench_from(args: argparse.Namespace, begin: console.Steps = console.silent) -> Bench:
    """The bench that the options describe.

    Raises:
        UsageError: a number is out of range, or the folder cannot be made.
    """
    if args.n < 1 or args.lessons < 1 or args.seed < 0:
        raise UsageError("-n and --lessons must be at least 1, --seed at least 0")
    if not 0.0 < args.budget < 1.0:
        raise UsageError("--budget must be above 0 and below 1")
    try:
        args.o.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise UsageError(f"-o: the folder cannot be made: {reason}") from None
    return Bench(
        folder=args.o.resolve(),
        n=args.n,
        lessons=args.lessons,
        seed=args.seed,
        budget=args.budget,
        bundle=bundle_from(args),
        workers=workers_from(args),
        scheduler=args.scheduler,
        begin=begin,
    )


def main(args: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if args.redraw:
        folder, studied = args.o, read_results(args.o)
    else:
        folder, studied = _measured(args)
        write_results(folder, studied)
    written = write_pages(folder, studied)
    for sentence in studied.study.says(studied.points):
        console.result(sentence)
    console.note(f"written: {', '.join(map(str, [folder / RESULTS, *written]))}")
    return 0


def _measured(args: argparse.Namespace) -> tuple[Path, Studied]:
    began = time.monotonic()
    with console.steps("done") as begin:
        bench = bench_from(args, begin)
        studied = run_study(
            args.name,
            bench,
            command=f"nudge-harness study {args.name} -n {args.n} --lessons {args.lessons}"
            f" --budget {args.budget:g} --seed {args.seed}",
            created=utc(float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())),
        )
    console.note(f"{len(studied.points)} cells in {(time.monotonic() - began) / 60:.1f} minutes")
    return bench.folder, studied
